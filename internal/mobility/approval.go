package mobility

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Bookings of a group that asks for approval wait for somebody who may decide: the
// renter's superior and the members who are approvers; where there is none, the
// owner, or the administrators of a group without one; never the renter. Where that
// leaves nobody, there is nobody to ask, and the booking waits for nothing.

var membersWhoMay = store.Q("member.may_decide", `SELECT m.member_id, m.role, p.billing_role FROM memberships m
		JOIN member_properties p ON p.tenant = m.tenant AND p.group_id = m.group_id AND p.person_id = m.member_id
		WHERE m.tenant = $1 AND m.group_id = $2 AND m.recorded_to = 9223372036854775807 AND m.state = 'ACTIVE' AND p.left_at = 0
		AND (m.role IN ('OWNER', 'ADMIN') OR p.billing_role = 'APPROVER') ORDER BY m.member_id`)

// deciders lists who may decide on a booking, by id.
func deciders(tx *store.Tx, b *Booking) ([]int64, error) {
	var approvers, owners, admins []int64
	err := tx.Each(membersWhoMay, func(s store.Scanner) error {
		var person int64
		var role, billing string
		err := s.Scan(&person, &role, &billing)
		switch {
		case person == b.PersonID:
		case billing == business.Approver:
			approvers = append(approvers, person)
		case role == business.Owner:
			owners = append(owners, person)
		default:
			admins = append(admins, person)
		}
		return err
	}, b.GroupID)
	if err != nil {
		return nil, err
	}
	superior, err := superiorOf(tx, b)
	if err != nil {
		return nil, err
	}
	if superior != 0 && !slices.Contains(approvers, superior) {
		approvers = append(approvers, superior)
		slices.Sort(approvers)
	}
	for _, may := range [][]int64{approvers, owners, admins} {
		if len(may) > 0 {
			return may, nil
		}
	}
	return nil, nil
}

// superiorOf finds the customer whose verified address the renter's superior has; 0
// for none, and for the renter.
func superiorOf(tx *store.Tx, b *Booking) (int64, error) {
	m, err := business.LiveMember(tx, b.GroupID, b.PersonID)
	if roster.IsKind(err, roster.NotFound) || err == nil && m.SuperiorEmail == "" {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	c, err := identity.CustomerByEmail(tx, m.SuperiorEmail)
	switch {
	case roster.IsKind(err, roster.NotFound):
		return 0, nil
	case err != nil:
		return 0, err
	case !c.EmailVerified || c.BlockState != identity.NotBlocked || c.ID == b.PersonID:
		return 0, nil
	}
	return c.ID, nil
}

// ApproveBooking says yes to a booking that waits. NotFound to who may not see it,
// Forbidden to who may see it and not decide, the renter first of all; Conflict with
// CodeBookingState where it waits no longer.
func (m *Mobility) ApproveBooking(ctx context.Context, a roster.Actor, id int64) (*BookingView, error) {
	return m.decide(ctx, a, id, Approved, "booking.approve", "")
}

// DeclineBooking says no to a booking that waits, with a reason or "". Errors are
// those of ApproveBooking, and Invalid.
func (m *Mobility) DeclineBooking(ctx context.Context, a roster.Actor, id int64, reason string) (*BookingView, error) {
	reason, err := checkReason(reason)
	if err != nil {
		return nil, err
	}
	return m.decide(ctx, a, id, Declined, "booking.decline", reason)
}

func checkReason(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) > maxReason {
		return "", roster.FieldError("reason", "must have at most %d characters", maxReason)
	}
	return reason, nil
}

func (m *Mobility) decide(ctx context.Context, a roster.Actor, id int64, to, operation, reason string) (view *BookingView, err error) {
	err = m.db.Write(ctx, a, func(tx *store.Tx) error {
		b, may, err := visibleBooking(tx, a.PersonID, id)
		if err != nil {
			return err
		}
		if !may {
			return roster.Errorf(roster.Forbidden, business.CodeNoPermission, "others decide on this booking")
		}
		if !b.Waits() {
			return roster.Errorf(roster.Conflict, CodeBookingState, "the booking is %s and waits for nobody", b.State)
		}
		err = b.step(tx, to, decider, operation, func() error {
			b.DecidedBy, b.DecidedAt, b.DeclineReason = a.PersonID, tx.Now, reason
			return nil
		})
		if err != nil {
			return err
		}
		if err := tellDecision(tx, b); err != nil {
			return err
		}
		view, err = viewBooking(tx, b)
		return err
	})
	return view, err
}

// visibleBooking reads a booking for its renter, for those who may decide on it, and
// for the managers of its group, and reports whether the person may decide. NotFound.
func visibleBooking(tx *store.Tx, person, id int64) (b *Booking, may bool, err error) {
	b, err = one(tx, scanBooking, bookingByID, id)
	if err != nil {
		return nil, false, err
	}
	if b == nil {
		return nil, false, errNone("booking")
	}
	b.settle(tx.Now)
	if b.PersonID == person {
		return b, false, nil
	}
	if b.GroupID == 0 {
		return nil, false, errNone("booking")
	}
	all, err := deciders(tx, b)
	if err != nil || slices.Contains(all, person) {
		return b, true, err
	}
	member, err := business.LiveMember(tx, b.GroupID, person)
	if roster.IsKind(err, roster.NotFound) || err == nil && !member.IsManager() {
		err = errNone("booking")
	}
	return b, false, err
}
