package lodging

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// Details are what this area knows of a property besides its title. A pointer is
// nil where nothing is known.
type Details struct {
	Currency     string   `json:"currency"` // ISO 4217
	Email        *string  `json:"email"`
	Phone        *string  `json:"phone"`
	ZipCode      *string  `json:"zip_code"`
	Country      *string  `json:"country"`
	State        *string  `json:"state"`
	City         *string  `json:"city"`
	Address      *string  `json:"address"`
	Longitude    *float64 `json:"longitude"` // degrees, east is positive
	Latitude     *float64 `json:"latitude"`  // degrees, north is positive
	Timezone     *string  `json:"timezone"`
	Website      *string  `json:"website"`
	PropertyType *string  `json:"property_type"`
}

// DetailsOf reads stored attributes; one of another type than it should have, as an
// import may bring, is not shown.
func DetailsOf(stored json.RawMessage) (d Details) {
	if len(stored) == 0 || json.Unmarshal(stored, &d) == nil {
		return d
	}
	d = Details{}
	var all map[string]json.RawMessage
	if json.Unmarshal(stored, &all) != nil {
		return d
	}
	for name, value := range all {
		one, err := json.Marshal(map[string]json.RawMessage{name: value})
		if alone := (Details{}); err == nil && json.Unmarshal(one, &alone) == nil {
			_ = json.Unmarshal(one, &d) // it has just been read alone
		}
	}
	return d
}

// merge writes changed attributes over stored ones: null drops one, those that this
// area does not know stay.
func merge(stored json.RawMessage, changed map[string]json.RawMessage) (json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	if len(stored) > 0 {
		if err := json.Unmarshal(stored, &all); err != nil {
			return nil, err
		}
	}
	for name, value := range changed {
		if string(value) == "null" {
			delete(all, name)
		} else {
			all[name] = value
		}
	}
	if code, ok := changed["currency"]; ok && all["currency"] != nil {
		all["currency"] = json.RawMessage(strings.ToUpper(string(code)))
	}
	return json.Marshal(all)
}

// currency checks a required code of ISO 4217, in any case.
func (p Problems) currency(code string) {
	if strings.TrimSpace(code) == "" {
		p.add("currency", blank)
	} else if _, err := currency.ParseISO(code); err != nil || len(code) != 3 {
		p.add("currency", invalid)
	}
}

// check adds what is wrong with the optional details.
func (d *Details) check(problems Problems) {
	for name, value := range map[string]*string{
		"phone": d.Phone, "zip_code": d.ZipCode, "country": d.Country, "state": d.State, "city": d.City,
		"address": d.Address, "timezone": d.Timezone, "website": d.Website, "property_type": d.PropertyType,
	} {
		if value != nil && utf8.RuneCountInString(*value) > maxText {
			problems.add(name, tooLong)
		}
	}
	if d.Email != nil && !isAddress(*d.Email) {
		problems.add("email", badFormat)
	}
	if d.Longitude != nil && (*d.Longitude < -180 || *d.Longitude > 180) {
		problems.add("longitude", invalid)
	}
	if d.Latitude != nil && (*d.Latitude < -90 || *d.Latitude > 90) {
		problems.add("latitude", invalid)
	}
}

// isAddress reports whether a text has the form of an e-mail address. Whether there
// is a mailbox, only a letter to it tells.
func isAddress(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && domain != "" && len(s) <= 254 && !strings.ContainsAny(s, " \t\r\n<>\",;\x00") && !strings.Contains(domain, "@")
}
