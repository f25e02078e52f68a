package business

// AccountPatch is what a manager changes of an account; nil leaves a field as it is,
// "", 0 and an empty list clear it.
type AccountPatch struct {
	Name                *string
	DefaultCostCenterID *int64
	Contact             ContactPatch
	Settings            SettingsPatch
	CustomProperties    map[string]*string // merged by key; nil clears one
	// NotYours names a field that the call sets and that only others may, as the
	// caller spelled it; "" for none.
	NotYours string
}

// ContactPatch is the part of AccountPatch about who is billed.
type ContactPatch struct {
	CompanyName, VATID              *string
	Street, Postcode, City, Country *string
	BillingEmail, Phone             *string
}

// SettingsPatch is the part of AccountPatch about the rules for members.
type SettingsPatch struct {
	JoinPolicy               *string
	RequireDrivingLog        *bool
	RequireCostCenter        *bool
	RequireBusinessReason    *bool
	RequireMemberApproval    *bool
	RequireBookingApproval   *bool
	BusinessReasons          *[]string
	RequiredMemberProperties *[]string
}

func (p *AccountPatch) apply(a *Account) error {
	if p.NotYours != "" {
		return errNotWritable(p.NotYours)
	}
	set(&a.Name, p.Name)
	set(&a.DefaultCostCenterID, p.DefaultCostCenterID)
	p.Contact.apply(&a.Contact)
	p.Settings.apply(&a.Settings)
	a.CustomProperties = merge(a.CustomProperties, p.CustomProperties)
	return nil
}

func (p *ContactPatch) apply(c *Contact) {
	set(&c.CompanyName, p.CompanyName)
	set(&c.VATID, p.VATID)
	set(&c.BillingAddress.Street, p.Street)
	set(&c.BillingAddress.Postcode, p.Postcode)
	set(&c.BillingAddress.City, p.City)
	set(&c.BillingAddress.Country, p.Country)
	set(&c.BillingEmail, p.BillingEmail)
	set(&c.Phone, p.Phone)
}

func (p *SettingsPatch) apply(s *AccountSettings) {
	set(&s.JoinPolicy, p.JoinPolicy)
	set(&s.RequireDrivingLog, p.RequireDrivingLog)
	set(&s.RequireCostCenter, p.RequireCostCenter)
	set(&s.RequireBusinessReason, p.RequireBusinessReason)
	set(&s.RequireMemberApproval, p.RequireMemberApproval)
	set(&s.RequireBookingApproval, p.RequireBookingApproval)
	set(&s.BusinessReasons, p.BusinessReasons)
	set(&s.RequiredMemberProperties, p.RequiredMemberProperties)
}
