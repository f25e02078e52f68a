package care

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// CustomerPatch is what an operator changes of a customer; nil leaves a field as it is,
// "" clears it.
type CustomerPatch struct {
	identity.Profile

	EmailVerified, PhoneVerified       *bool
	HomeBranchID                       *int64
	BlockState, BlockReason            *string
	PaymentState                       *string // finance alone
	LicenseState, LicenseExpires       *string
	LicenseNumber                      *string
	LicenseCategories                  *[]string
	IDState, IDExpires, IDDocumentType *string
	ManualState, ExternalState         *string
	Annotations                        *[]Annotation

	// What others write, by calls of their own: it may be said again, and not changed.
	CreditStatus  *string
	SignupSettled *bool
	Tags          *[]string
}

// Annotation is an operator's note about a customer. CreatedAt is µs UTC.
type Annotation struct {
	ID        int64  `json:"id"`
	Text      string `json:"text"`
	CreatedAt int64  `json:"createdAt"`
	CreatedBy int64  `json:"createdBy,omitempty"` // a person; 0 for a client
}

const (
	maxAnnotations = 20
	maxAnnotation  = 500
)

// Annotations are those of a customer.
func Annotations(c *identity.Customer) (all []Annotation) {
	if len(c.Annotations) > 0 {
		_ = json.Unmarshal(c.Annotations, &all) // written below alone
	}
	return all
}

// UpdateCustomer changes a customer. A new address or number is not verified unless
// the patch says so, and the old address is told; a block ends the customer's sessions
// at once. NotFound, Forbidden with identity.CodeNoPermission (the address of somebody
// who is more than a customer, too), with identity.CodeNotYours for fields that are
// others' to write; Conflict with identity.CodeCustomerDeleted; Precondition; else as
// identity.UpdateCustomer.
func (c *Care) UpdateCustomer(ctx context.Context, a roster.Actor, id int64, match graph.Match, in CustomerPatch) (r *Rider, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		before, err := in.mayChange(tx, p, id)
		if err != nil {
			return err
		}
		after, err := identity.UpdateCustomer(tx, id, match, func(to *identity.Customer) error {
			was := *to
			if err := in.apply(tx, to); err != nil {
				return err
			}
			if err := keepsSignIn(tx, &was, to); err != nil {
				return err
			}
			return c.setLicenseNumber(tx, to, in.LicenseNumber)
		})
		if err != nil {
			return err
		}
		if err := in.follow(tx, before, after); err != nil {
			return err
		}
		r, err = SeenCustomer(tx, p, id, "USER_READ")
		return err
	})
	return r, err
}

// keepsSignIn is identity.KeepsSignIn, by the code that the contract has for an address
// that can't be changed.
func keepsSignIn(tx *store.Tx, before, after *identity.Customer) error {
	err := identity.KeepsSignIn(tx, before, after)
	if e := roster.AsError(err); err != nil && e.Code == identity.CodeLastMethod && before.Email != "" && after.Email == "" {
		return &roster.Error{Kind: e.Kind, Code: CodeEmailStays, Field: "email", Msg: "can't be cleared: the customer signs in by it, and in no other way"}
	}
	return err
}

// mayChange judges who changes what.
func (in *CustomerPatch) mayChange(tx *store.Tx, p *identity.Powers, id int64) (*identity.Customer, error) {
	permission := "USER_WRITE"
	if in.PaymentState != nil && in.empty() {
		permission = "USER_READ"
	}
	if err := p.Need(permission); err != nil {
		return nil, err
	}
	c, err := ChangeableFor(tx, p, id, permission)
	if err != nil {
		return nil, err
	}
	of, err := BranchesOfCustomers(tx, []int64{id})
	if err != nil {
		return nil, err
	}
	branches := of[id]
	switch {
	case in.PaymentState != nil && *in.PaymentState != c.PaymentState && !p.On("USER_GROUP_BILLING_WRITE", branches...):
		return nil, errOthersField("paymentState")
	case in.CreditStatus != nil && *in.CreditStatus != c.CreditStatus:
		return nil, errOthersField("creditStatus")
	case in.SignupSettled != nil && *in.SignupSettled != c.SignupSettled:
		return nil, errOthersField("signupSettled")
	case in.Tags != nil && !slices.Equal(*in.Tags, c.Tags):
		return nil, errOthersField("tags")
	case in.verifies(c, dayOf(tx.Now)) && !p.On("VERIFICATION_WRITE", branches...):
		return nil, errNeeds("VERIFICATION_WRITE", c.HomeBranchID)
	}
	if in.HomeBranchID != nil && *in.HomeBranchID != c.HomeBranchID {
		if err := p.NeedAt("USER_WRITE", *in.HomeBranchID); err != nil {
			return nil, err
		}
	}
	if in.Email != nil && !c.HasEmail(*in.Email) || in.Phone != nil && *in.Phone != c.Phone {
		return c, identity.OnlyCustomer(tx, id)
	}
	return c, nil
}

func errOthersField(field string) error {
	return &roster.Error{Kind: roster.Forbidden, Code: identity.CodeNotYours, Field: field, Msg: "this field is not yours to change"}
}

// empty reports whether the patch is about nothing but, perhaps, the payment state.
func (in *CustomerPatch) empty() bool {
	for _, set := range []bool{
		in.FirstName != nil, in.LastName != nil, in.Birthdate != nil, in.Email != nil, in.Phone != nil, in.Street != nil, in.Postcode != nil, in.City != nil,
		in.Country != nil, in.Language != nil, in.Newsletter != nil, len(in.CustomProperties) > 0, in.EmailVerified != nil, in.PhoneVerified != nil,
		in.HomeBranchID != nil, in.BlockState != nil, in.BlockReason != nil, in.LicenseState != nil, in.LicenseExpires != nil, in.LicenseCategories != nil, in.LicenseNumber != nil,
		in.IDState != nil, in.IDExpires != nil, in.IDDocumentType != nil, in.ManualState != nil, in.ExternalState != nil, in.Annotations != nil,
	} {
		if set {
			return false
		}
	}
	return true
}

// verifies reports whether the patch changes the state of a verification.
func (in *CustomerPatch) verifies(c *identity.Customer, day string) bool {
	return slices.ContainsFunc(in.states(c, day), func(f stateField) bool { return f.to != nil && *f.to != *f.of && *f.to != f.reads })
}

type stateField struct {
	name  string
	to    *string
	of    *string
	reads string // what is shown for *of, and said again changes nothing
	may   []string
}

// states are those of verifications. What follows from a date that is over is shown on
// a day and not kept: whoever says it again leaves it so, unless they move the date.
func (in *CustomerPatch) states(c *identity.Customer, day string) []stateField {
	dated := *c
	in.date(&dated)
	shown := dated.On(day)
	return []stateField{
		{"licenseVerificationState", in.LicenseState, &c.LicenseState, shown.LicenseState, identity.LicenseStates},
		{"idVerificationState", in.IDState, &c.IDState, shown.IDState, identity.IDStates},
		{"manualVerificationState", in.ManualState, &c.ManualState, c.ManualState, identity.ManualStates},
		{"customExternalVerificationState", in.ExternalState, &c.ExternalState, c.ExternalState, identity.ManualStates},
	}
}

// date has documents be valid as long as the patch says.
func (in *CustomerPatch) date(c *identity.Customer) {
	for to, from := range map[*string]*string{&c.LicenseExpires: in.LicenseExpires, &c.IDExpires: in.IDExpires} {
		if from != nil {
			*to = *from
		}
	}
}

// apply has the customer say what the patch says.
func (in *CustomerPatch) apply(tx *store.Tx, c *identity.Customer) error {
	in.Apply(c)
	for _, f := range append(
		in.states(c, dayOf(tx.Now)),
		stateField{"blockState", in.BlockState, &c.BlockState, c.BlockState, []string{identity.NotBlocked, identity.Blocked}},
		stateField{"idDocumentType", in.IDDocumentType, &c.IDDocumentType, c.IDDocumentType, append([]string{""}, identity.IDDocumentTypes...)},
	) {
		if f.to == nil || *f.to == f.reads {
			continue
		}
		if !slices.Contains(f.may, *f.to) {
			return roster.FieldError(f.name, "must be one of %s", strings.TrimPrefix(strings.Join(f.may, ", "), ", "))
		}
		*f.of = *f.to
	}
	in.date(c)
	if in.EmailVerified != nil && *in.EmailVerified && c.Email == "" {
		return roster.FieldError("emailIsVerified", "needs an email address")
	}
	if in.BlockReason != nil {
		c.BlockReason = *in.BlockReason
	}
	for to, from := range map[*bool]*bool{&c.EmailVerified: in.EmailVerified, &c.PhoneVerified: in.PhoneVerified} {
		if from != nil {
			*to = *from
		}
	}
	if in.HomeBranchID != nil {
		c.HomeBranchID = *in.HomeBranchID
	}
	if in.LicenseCategories != nil {
		if err := checkLicenseCategories(*in.LicenseCategories); err != nil {
			return err
		}
		c.LicenseCategories = *in.LicenseCategories
	}
	if err := in.annotate(tx, c); err != nil {
		return err
	}
	return identity.CheckCustomProperties(c.CustomProperties)
}

func checkLicenseCategories(all []string) error {
	for i, category := range all {
		if !slices.Contains(identity.LicenseCategories, category) || slices.Contains(all[:i], category) {
			return roster.FieldError("drivingLicenseCategories", "must be some of %s, each once", strings.Join(identity.LicenseCategories, ", "))
		}
	}
	return nil
}

// annotate replaces the notes; those that are there already, by id, keep when and by
// whom they were made.
func (in *CustomerPatch) annotate(tx *store.Tx, c *identity.Customer) error {
	if in.Annotations == nil {
		return nil
	}
	if len(*in.Annotations) > maxAnnotations {
		return roster.FieldError("annotations", "must be at most %d", maxAnnotations)
	}
	before := Annotations(c)
	last := int64(0)
	for _, old := range before {
		last = max(last, old.ID)
	}
	after := make([]Annotation, 0, len(*in.Annotations))
	for _, note := range *in.Annotations {
		note.Text = strings.TrimSpace(note.Text)
		if n := len([]rune(note.Text)); n == 0 || n > maxAnnotation {
			return roster.FieldError("annotations", "must have 1 to %d characters each", maxAnnotation)
		}
		at := slices.IndexFunc(before, func(old Annotation) bool { return old.ID == note.ID })
		if at < 0 {
			last++
			note.ID, note.CreatedAt, note.CreatedBy = last, tx.Now, tx.Actor().PersonID
		} else {
			note.CreatedAt, note.CreatedBy = before[at].CreatedAt, before[at].CreatedBy
		}
		if slices.ContainsFunc(after, func(other Annotation) bool { return other.ID == note.ID }) {
			return roster.FieldError("annotations", "must not name one twice")
		}
		after = append(after, note)
	}
	if slices.Equal(before, after) {
		return nil
	}
	text, err := json.Marshal(after)
	c.Annotations = text
	return err
}

// follow does what a change brings with it.
func (in *CustomerPatch) follow(tx *store.Tx, before, after *identity.Customer) error {
	if before.Email != "" && graph.Key(before.Email) != graph.Key(after.Email) {
		if err := identity.NoticeAddressChange(tx, after.ID); err != nil {
			return err
		}
	}
	if after.BlockState == identity.Blocked && before.BlockState != identity.Blocked {
		if _, err := identity.RevokeCustomerSessions(tx, after.ID); err != nil {
			return err
		}
	}
	if err := byHand(tx, before, after); err != nil {
		return err
	}
	if in.PaymentState != nil && *in.PaymentState != after.PaymentState {
		if said := *in.PaymentState; said != business.Invoicing && said != business.NoPayment {
			return roster.FieldError("paymentState", "must be %s or %s, or stay as it is", business.Invoicing, business.NoPayment)
		}
		return business.SetPaymentState(tx, after.ID, *in.PaymentState)
	}
	return nil
}

// Bounds of tags (contract/mobility.md §8.3).
const (
	maxTags = 50
	maxTag  = 64
)

// CleanTags trims tags and leaves out those that are there twice, however they are
// written. Invalid.
func CleanTags(in []string) ([]string, error) {
	var tags []string
	for _, tag := range in {
		tag = strings.TrimSpace(tag)
		if n := len([]rune(tag)); n == 0 || n > maxTag {
			return nil, roster.FieldError("tags", "must have 1 to %d characters each", maxTag)
		}
		if !slices.ContainsFunc(tags, func(other string) bool { return strings.EqualFold(other, tag) }) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > maxTags {
		return nil, roster.FieldError("tags", "must be at most %d", maxTags)
	}
	return tags, nil
}

// TagCustomer replaces the tags of a customer. Errors are those of UpdateCustomer;
// USER_WRITE must hold on the branch.
func (c *Care) TagCustomer(ctx context.Context, a roster.Actor, id, branch int64, match graph.Match, in []string) (after *identity.Customer, err error) {
	err = c.writeAs(ctx, a, func(tx *store.Tx, p *identity.Powers) error {
		if _, err := ChangeableFor(tx, p, id, "USER_WRITE"); err != nil {
			return err
		}
		if err := p.NeedAt("USER_WRITE", branch); err != nil {
			return err
		}
		tags, err := CleanTags(in)
		if err != nil {
			return err
		}
		after, err = identity.UpdateCustomer(tx, id, match, func(c *identity.Customer) error {
			c.Tags = tags
			return nil
		})
		return err
	})
	return after, err
}
