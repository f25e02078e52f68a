package mobility

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// bookingMail says which booking a mail is about, and whom it goes to: 0 for the
// renter's superior, who may be nobody here.
type bookingMail struct {
	Booking int64 `json:"booking"`
	To      int64 `json:"to,omitempty"`
}

// The mails about bookings.
var (
	approvalMail = jobs.Kind[bookingMail]{Name: "booking.mail_approval"}
	decidedMail  = jobs.Kind[bookingMail]{Name: "booking.mail_decision"} // to the renter
)

// askApproval tells those who may decide on a booking, and the renter's superior even
// where they are nobody here, that it waits.
func askApproval(tx *store.Tx, b *Booking, asked []int64) error {
	if !b.Waits() {
		return nil
	}
	mails := []jobs.Job{approvalMail.Job(bookingMail{Booking: b.ID})}
	for _, person := range asked {
		mails = append(mails, approvalMail.Job(bookingMail{b.ID, person}))
	}
	return jobs.Enqueue(tx, mails...)
}

// tellDecision tells the renter what was decided, by the group or by the operator.
func tellDecision(tx *store.Tx, b *Booking) error {
	return jobs.Enqueue(tx, decidedMail.Job(bookingMail{b.ID, b.PersonID}))
}

func (m *Mobility) registerMails(r *jobs.Runner, t jobs.Transport) {
	handle := func(kind jobs.Kind[bookingMail], write func(*letter) jobs.Message, wanted func(*Booking) bool) {
		kind.Handle(r, func(ctx context.Context, tenant roster.Tenant, args bookingMail) error {
			l, err := m.letter(ctx, tenant, args)
			if err != nil || l.to == "" || !wanted(l.booking) {
				return err
			}
			mail := write(l)
			mail.To = l.to
			mail.About = []string{jobs.Ref(tenant.ID, identity.PersonRef, l.booking.PersonID), jobs.Ref(tenant.ID, identity.PersonRef, args.To)}
			return t.Mail(ctx, mail)
		})
	}
	handle(approvalMail, approvalText, (*Booking).Waits)
	handle(decidedMail, decidedText, func(b *Booking) bool { return b.DecidedAt != 0 || b.State == Aborted })
}

// letter is what a mail about a booking says, in the business unit's time; to is ""
// where there is nobody to write to.
type letter struct {
	to       string
	booking  *Booking
	group    string
	renter   string
	category string
	branch   string
	zone     *time.Location
}

func (m *Mobility) letter(ctx context.Context, tenant roster.Tenant, args bookingMail) (*letter, error) {
	l := &letter{}
	err := m.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		b, err := one(tx, scanBooking, bookingByID, args.Booking)
		if err != nil || b == nil {
			return err
		}
		l.booking = b.settle(tx.Now)
		people, err := identity.CustomersByID(tx, []int64{b.PersonID, args.To})
		if err != nil || people[b.PersonID] == nil {
			return err
		}
		l.renter = people[b.PersonID].Name()
		if err := l.read(tx); err != nil {
			return err
		}
		if args.To == 0 {
			l.to, err = superiorElsewhere(tx, b)
		} else if c := people[args.To]; c != nil {
			l.to = c.Email
		}
		return err
	})
	return l, err
}

// superiorElsewhere is the address of the renter's superior where none of the
// customers has it: they are told, and decide once they are one.
func superiorElsewhere(tx *store.Tx, b *Booking) (string, error) {
	member, err := business.LiveMember(tx, b.GroupID, b.PersonID)
	if roster.IsKind(err, roster.NotFound) || err == nil && member.SuperiorEmail == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	_, err = identity.CustomerByEmail(tx, member.SuperiorEmail)
	if roster.IsKind(err, roster.NotFound) {
		return member.SuperiorEmail, nil
	}
	return "", err
}

func (l *letter) read(tx *store.Tx) error {
	accounts, err := business.AccountsByID(tx, []int64{l.booking.GroupID})
	if err != nil {
		return err
	}
	if acc := accounts[l.booking.GroupID]; acc != nil {
		l.group = acc.Name
	}
	category, err := one(tx, scanCategory, categoryByID, l.booking.CategoryID)
	if err != nil {
		return err
	}
	l.category = category.Name
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	l.branch = tree.Branch(l.booking.BranchID).Name
	unit, err := business.LiveUnit(tx, l.booking.BusinessUnitID)
	if err == nil {
		l.zone = unit.Location()
	}
	return err
}

func (l *letter) window() string {
	at := func(micros int64) string { return time.UnixMicro(micros).In(l.zone).Format("2006-01-02 15:04 MST") }
	return at(l.booking.StartTime) + " to " + at(l.booking.EndTime)
}

func approvalText(l *letter) jobs.Message {
	text := fmt.Sprintf("%s has booked on the business account %s, and the booking waits for your approval.\n\nVehicle: %s\nBranch: %s\nTime: %s\nPrice of the booking: %s %s\n",
		l.renter, l.group, l.category, l.branch, l.window(), l.booking.Fee, l.booking.Currency)
	if l.booking.BusinessReason != "" {
		text += "Reason: " + l.booking.BusinessReason + "\n"
	}
	return jobs.Message{
		Subject: "A booking waits for your approval",
		Text:    text + fmt.Sprintf("\nSign in and approve or decline booking %d.\n", l.booking.ID),
	}
}

func decidedText(l *letter) jobs.Message {
	payer := ""
	if l.group != "" {
		payer = " on the business account " + l.group
	}
	text := fmt.Sprintf("Your booking%s is %s.\n\nVehicle: %s\nBranch: %s\nTime: %s\n", payer, strings.ToLower(l.booking.State), l.category, l.branch, l.window())
	if l.booking.DeclineReason != "" {
		text += "Reason: " + l.booking.DeclineReason + "\n"
	}
	return jobs.Message{Subject: fmt.Sprintf("Your booking %d is %s", l.booking.ID, strings.ToLower(l.booking.State)), Text: text}
}
