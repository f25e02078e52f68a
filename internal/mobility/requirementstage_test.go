package mobility

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
)

// staged is what was drawn, in a database.
type staged struct {
	*fleet
	*drawn
	branch, person int64
	account        *business.Account
	centers        [4]int64 // the cost centers, from 1
	vehicle        *Vehicle
}

// stage makes a branch with a set, settings and terms of its own, and whatever was
// drawn about the person and the account.
func (f *fleet) stage(tx *store.Tx, d *drawn) (*staged, error) {
	s := &staged{fleet: f, drawn: d}
	branch := identity.Branch{Name: f.name("branch"), Code: f.name("branch"), ParentID: f.at}
	if _, err := identity.PutBranch(tx, &branch); err != nil {
		return nil, err
	}
	s.branch = branch.ID
	for name, on := range d.settings {
		value := modelSetting[name][0]
		if on {
			value = modelSetting[name][1]
		}
		if _, err := identity.PutBranchSetting(tx, name, s.branch, []byte(value)); err != nil {
			return nil, err
		}
	}
	set := RequirementSet{Name: f.name("set"), BranchIDs: []int64{s.branch}, Start: d.set}
	if _, err := PutRequirementSet(tx, &set); err != nil {
		return nil, err
	}
	s.vehicle = &Vehicle{Code: f.name("vehicle"), BranchID: s.branch, CategoryID: f.bikes, Position: &cathedral}
	if _, err := PutVehicle(tx, s.vehicle); err != nil {
		return nil, err
	}
	for _, stage := range []func(*store.Tx) error{s.stagePerson, s.stageTerms, s.stageMoney, s.stageAccount} {
		if err := stage(tx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *staged) stagePerson(tx *store.Tx) error {
	known := func(flag, value string) string {
		if s.profile[flag] {
			return value
		}
		return ""
	}
	c := identity.Customer{
		Email: known("EMAIL", s.name("person")+"@example.org"), EmailVerified: s.emailVerified, Phone: known("PHONE", fmt.Sprintf("+43660%d", s.number())), PhoneVerified: s.phoneVerified,
		FirstName: known("FIRST_NAME", "Ada"), LastName: known("LAST_NAME", "Byron"), Birthdate: known("BIRTHDATE", fmt.Sprintf("%d-03-02", 2026-s.age)),
		Street: known("STREET", "Ring"), Postcode: known("POSTCODE", "1010"), City: known("CITY", "Wien"), Country: known("COUNTRY", "AT"), HomeBranchID: s.branch,
		LicenseState: s.license, LicenseExpires: s.licenseDay, IDState: s.id, IDExpires: s.idDay, ManualState: s.manual, ExternalState: s.external, CreditStatus: s.credit,
		SignupSettled: s.signup, SignupFailed: s.signupFailed, Balance: s.balance,
	}
	if s.licensed != "" {
		c.LicenseCategories = strings.Split(s.licensed, ",")
	}
	if s.blocked {
		c.BlockState = identity.Blocked
	}
	if s.invoicing {
		c.PaymentState = business.Invoicing
	}
	if err := identity.InsertCustomer(tx, &c); err != nil {
		return err
	}
	s.person = c.ID
	for at, has := range map[int64]bool{s.branch: s.cardHere, s.grz: s.cardElsewhere} {
		if has && (at != s.branch || s.settings[identity.IdentityCardsEnabled.Name]) { // a branch without cards gives none
			if _, err := care.PutCard(tx, &care.Card{Number: s.name("card"), BranchID: at, PersonID: s.person}); err != nil {
				return err
			}
		}
	}
	if !s.active {
		return nil
	}
	driven := &Vehicle{Code: s.name("vehicle"), BranchID: s.at, CategoryID: s.bikes}
	if _, err := PutVehicle(tx, driven); err != nil {
		return err
	}
	return insertRental(tx, &Rental{
		PersonID: s.person, Type: Personal, State: Active, BranchID: s.at, BusinessUnitID: s.euros.ID, VehicleID: driven.ID, CategoryID: s.bikes, Currency: "EUR",
		StartTime: tx.Now, DriveStartTime: tx.Now,
	})
}

func (s *staged) stageTerms(tx *store.Tx) error {
	put := func() error {
		_, err := care.PutTerms(tx, &care.Terms{BranchID: s.branch, Text: s.name("terms")})
		return err
	}
	accept := func() error {
		_, err := care.AcceptTerms(tx, s.person, s.branch, 0)
		return err
	}
	steps := map[string][]func() error{care.NotAccepted: {put}, care.Accepted: {put, accept}, care.Outdated: {put, accept, put}}
	for _, step := range steps[s.terms] {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *staged) stageMoney(tx *store.Tx) error {
	if s.unpaid {
		if err := s.invoice(tx, s.person, "FAILED", tx.Now-1); err != nil {
			return err
		}
	}
	if err := s.invoice(tx, s.person, "OPEN", tx.Now+hour); err != nil {
		return err
	}
	for kind, state := range map[string]string{"SEPA": map[bool]string{true: "ACTIVE", false: "PENDING"}[s.drawn.source], "CREDIT_CARD": map[bool]string{true: "ACTIVE", false: "EXPIRED"}[s.creditCard]} {
		if err := s.fleet.source(tx, s.person, kind, state); err != nil {
			return err
		}
	}
	return nil
}

func (s *staged) stageAccount(tx *store.Tx) (err error) {
	if !s.business {
		return nil
	}
	a, err := business.NewAccount(tx, s.branch)
	if err != nil {
		return err
	}
	a.Name, a.PaymentState, a.CreditStatus, a.CheckRentalRequirements, a.BlockState = s.name("account"), s.payment, s.accountCredit, !s.trusted, s.blockState
	for name, id := range map[string]int64{"AT": s.at, "VIE": s.branch, "GRZ": s.grz} {
		if slices.Contains(strings.Split(s.branches, ","), name) {
			a.AllowedBranchIDs = append(a.AllowedBranchIDs, id)
		}
	}
	for name, id := range map[string]int64{"bikes": s.bikes, "vans": s.vans} {
		if s.categories == name {
			a.AllowedCategoryIDs = []int64{id}
		}
	}
	a.Settings.IgnoreBCategory, a.Settings.RequireCostCenter, a.Settings.RequireBusinessReason = s.ignoreB, s.drawn.costCenter, s.reason
	a.Settings.RequireMemberApproval, a.Settings.BusinessReasons, a.Settings.RequiredMemberProperties = s.approvals, s.reasons, s.properties
	if err := business.InsertAccount(tx, a); err != nil {
		return err
	}
	s.account = a
	centers := make([]*business.CostCenter, 3)
	for i := range centers[1:] {
		centers[i+1] = &business.CostCenter{Code: s.name("center"), Name: "Center", Active: true}
		if err := business.InsertCostCenter(tx, a, centers[i+1]); err != nil {
			return err
		}
		s.centers[i+1] = centers[i+1].ID
	}
	s.centers[3] = 999
	if err := s.stageMember(tx); err != nil {
		return err
	}
	s.account, err = business.EditAccount(tx, a.ID, nil, func(a *business.Account) error {
		a.DefaultCostCenterID, a.State = s.centers[s.accountDefault], s.state
		return nil
	})
	if err != nil {
		return err
	}
	_, err = business.EditCostCenter(tx, s.account, centers[2], nil, func(c *business.CostCenter) error {
		c.ValidFrom = tx.Now + day
		return nil
	})
	if s.groupUnpaid && err == nil {
		err = s.invoice(tx, a.ID, "OPEN", tx.Now-1)
	}
	return err
}

func (s *staged) stageMember(tx *store.Tx) error {
	if s.drawn.member == "" {
		return nil
	}
	m, err := business.InsertMember(tx, s.account, business.NewMember{UserID: s.person, CreatedBy: business.BySelf})
	if err != nil {
		return err
	}
	_, err = business.EditMember(tx, s.account, m, nil, func(m *business.Member) error {
		m.State, m.Approval.State, m.DefaultCostCenterID = s.drawn.member, s.approval, s.centers[s.memberDefault]
		if s.access != "ALL" {
			m.AccessMode, m.AccessIDs = business.AccessList, []int64{s.centers[s.access[0]-'0']}
		}
		if s.has["superiorEmail"] {
			m.SuperiorEmail = "boss@example.org"
		}
		if s.has["employeeNumber"] {
			m.EmployeeNumber = "7"
		}
		if s.has["desk"] {
			m.CustomProperties = map[string]string{"desk": "9"}
		}
		if s.limit != 0 {
			m.Limit = business.Limit{Amount: s.limit, Currency: "EUR", Period: "MONTH"}
		}
		return nil
	})
	if err != nil || s.spent == 0 {
		return err
	}
	return business.PostCharges(tx, []*business.Charge{{
		AccountID: s.account.ID, Kind: business.RentalCharge, SourceID: s.number(), MemberID: s.person, BusinessUnitID: s.euros.ID, BranchID: s.branch,
		Currency: "EUR", Time: tx.Now, Price: business.TaxOf(s.spent, 0),
	}})
}

func (s *staged) question(now int64) *Question {
	q := &Question{Person: s.person, BranchID: s.branch, CategoryID: s.bikes, Account: s.account, CostCenterID: s.centers[s.chosen], BusinessReason: s.given, Start: s.start}
	q.Position = []*Position{nil, &cathedral, &wheel}[s.distance]
	if s.start != Booked {
		q.Vehicle = s.vehicle
	}
	if s.later {
		q.At = now + 2*day
	}
	return q
}
