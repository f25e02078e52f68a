package business

import (
	"crypto/rand"
	"errors"
	"regexp"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// codeAlphabet has no letters or digits that people take for one another: 32 of them.
const codeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

const (
	codeLength = 8
	codeTries  = 100
)

// codeForm is that of an account's code.
var codeForm = regexp.MustCompile(`^[A-HJ-NP-Z2-9]{6,10}$`)

// reservedCodes are the words that stand in a path where a member code does, folded.
var reservedCodes = map[string]bool{
	"members": true, "requests": true, "billing-summary": true, "add-members": true,
	"payment-sources": true, "vouchers": true, "invoices": true,
}

var accountCodeTaken = store.Q("account.code_taken", `SELECT 1 FROM business_accounts WHERE tenant = $1 AND code = $2`)

// drawCode makes up a code. It is a secret of a kind: who knows an account's may ask
// to join.
func drawCode() string {
	var b [codeLength]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = codeAlphabet[int(b[i])%len(codeAlphabet)]
	}
	return string(b[:])
}

// freeCode draws until a code is not taken.
func freeCode(draw func() string, taken func(code string) (bool, error)) (string, error) {
	for range codeTries {
		code := draw()
		if t, err := taken(code); err != nil || !t {
			return code, err
		}
	}
	return "", errors.New("business: no code is free")
}

// accountCode returns the code that an account is to have: the one that it brings, or
// a new one. Invalid, or Exists with CodeTaken where one has it or had it.
func accountCode(tx *store.Tx, wanted string) (string, error) {
	taken := func(code string) (bool, error) { return tx.Exists(accountCodeTaken, code) }
	if wanted == "" {
		return freeCode(drawCode, taken)
	}
	code := codeKey(wanted)
	if !codeForm.MatchString(code) {
		return "", roster.FieldError("code", "must be 6 to 10 of A-Z and 2-9, without I and O")
	}
	if t, err := taken(code); err != nil || !t {
		return code, err
	}
	return "", &roster.Error{Kind: roster.Exists, Code: CodeTaken, Field: "code", Msg: "a business account has this code, or had it"}
}
