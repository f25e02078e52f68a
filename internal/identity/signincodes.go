package identity

import (
	"github.com/rosterhq/roster/internal/roster"
)

// Codes of errors about signing in (contract/mobility.md §2.2).
const (
	CodeBadCredentials = "AUTH901"
	CodeBadRefresh     = "AUTH903"
	CodeSecondFactor   = "AUTH904"
	CodeBadPassword    = "U101"
	CodeMethodPresence = "U943" // a way to sign in is there already, or is not there
)

func errCredentials() error {
	return roster.Errorf(roster.Unauthenticated, CodeBadCredentials, "these credentials are wrong, or no longer good")
}

func errRefresh() error {
	return roster.Errorf(roster.Unauthenticated, CodeBadRefresh, "the refresh token is unknown, expired, revoked or was used before; sign in again")
}

// SecondFactor says that a sign-in goes on with the second factor; it travels as
// Details of an error with CodeSecondFactor.
type SecondFactor struct {
	Token string `json:"mfaToken"`
}

func errSecondFactor(token string) error {
	return &roster.Error{
		Kind: roster.Unauthenticated, Code: CodeSecondFactor, Details: SecondFactor{token},
		Msg: "this account has a second factor: send its code with the mfaToken to /sign-in-mfa",
	}
}
