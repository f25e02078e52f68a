package onfido

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/text/language"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/roster"
)

// report is what Onfido read off a document.
type report struct {
	Name       string     `json:"name"`
	SubResult  string     `json:"sub_result"`
	CreatedAt  string     `json:"created_at"`
	Properties properties `json:"properties"`
}

type properties struct {
	DateOfExpiry    string `json:"date_of_expiry"`
	DocumentType    string `json:"document_type"`
	IssuingCountry  string `json:"issuing_country"`
	DocumentNumbers []struct {
		Value string `json:"value"`
		Type  string `json:"type"`
	} `json:"document_numbers"`
	License categories `json:"driving_licence_information"`
}

// categories are those of a driving license. Onfido gives one as an object, and several
// as a list.
type categories []struct {
	Category string `json:"category"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *categories) UnmarshalJSON(text []byte) error {
	type list categories
	if text = bytes.TrimSpace(text); len(text) > 0 && text[0] == '{' {
		text = append(append([]byte("["), text...), ']')
	}
	return json.Unmarshal(text, (*list)(c))
}

// types are Onfido's kinds of documents in our words.
var types = map[string]string{
	"passport": "PASSPORT", "driving_licence": "DRIVING_LICENSE", "national_identity_card": "ID_CARD", "residence_permit": "RESIDENCE_PERMIT",
}

// document adds what the newest report on a document of the applicant says. Each run has
// an applicant of its own.
func (c *Client) document(ctx context.Context, tenant roster.Tenant, applicant string, result *care.VerificationResult) error {
	var checks struct {
		Checks []struct {
			ID string `json:"id"`
		} `json:"checks"`
	}
	if err := c.do(ctx, tenant, call{method: http.MethodGet, path: "/checks?applicant_id=" + url.QueryEscape(applicant), out: &checks}); err != nil {
		return err
	}
	newest := report{}
	for _, check := range checks.Checks {
		var reports struct {
			Reports []report `json:"reports"`
		}
		if err := c.do(ctx, tenant, call{method: http.MethodGet, path: "/reports?check_id=" + url.QueryEscape(check.ID), out: &reports}); err != nil {
			return err
		}
		for _, r := range reports.Reports {
			if r.isDocument() && r.CreatedAt >= newest.CreatedAt {
				newest = r
			}
		}
	}
	p := newest.Properties
	result.DocumentType, result.ExpirationDate = types[p.DocumentType], p.DateOfExpiry
	if region, err := language.ParseRegion(p.IssuingCountry); err == nil {
		result.DocumentCountry = region.String()
	}
	for _, number := range p.DocumentNumbers {
		if result.DocumentNumber == "" || number.Type == "document_number" {
			result.DocumentNumber = number.Value
		}
	}
	for _, l := range p.License {
		result.Categories = append(result.Categories, l.Category)
	}
	if result.ReasonCode == "" && newest.SubResult != "clear" {
		result.ReasonCode = newest.SubResult
	}
	return nil
}

func (r *report) isDocument() bool { return strings.HasPrefix(r.Name, "document") }
