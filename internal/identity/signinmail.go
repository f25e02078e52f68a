package identity

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// codeArgs name the code that a job sends.
type codeArgs struct {
	ID int64 `json:"id"`
}

// What messages tell of (jobs.Ref): a person, and a code that was asked for, perhaps by
// somebody who is yet to be one.
const (
	PersonRef = "person"
	codeRef   = "code"
)

var codeJob = jobs.Kind[codeArgs]{Name: "sign_in_code.send", Attempts: 6}

// RegisterJobs has r send codes and notices by t, and delete what has run out.
func (i *Identity) RegisterJobs(r *jobs.Runner, t jobs.Transport) {
	codeJob.Handle(r, func(ctx context.Context, tenant roster.Tenant, args codeArgs) error {
		l, err := i.letter(ctx, tenant, args.ID)
		if err != nil || l == nil {
			return err
		}
		if l.phone != "" {
			return t.SMS(ctx, l.phone, l.Text, l.About...)
		}
		return t.Mail(ctx, l.Message)
	})
	noticeJob.Handle(r, func(ctx context.Context, tenant roster.Tenant, args noticeArgs) error {
		m, err := i.notice(ctx, tenant, args)
		if err != nil || m == nil {
			return err
		}
		return t.Mail(ctx, *m)
	})
	eraseJob.Handle(r, func(ctx context.Context, _ roster.Tenant, args eraseArgs) error { return t.Forget(ctx, args.About...) })
	scrubJob.Handle(r, func(ctx context.Context, _ roster.Tenant, _ struct{}) error { return i.db.Scrub(ctx) })
	r.Every("sign_in.purge", purgeEvery, func(ctx context.Context, _ roster.Tenant) error { return i.purge(ctx) })
}

// letter is what goes to somebody by mail, or to a telephone number.
type letter struct {
	jobs.Message

	phone string
}

// letter writes what a code's owner gets; nil where nobody is to get anything.
func (i *Identity) letter(ctx context.Context, tenant roster.Tenant, id int64) (l *letter, err error) {
	if i.key == nil {
		return nil, errNoKey
	}
	err = i.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		c, err := scanCode(tx.Row(codeByID, id, tx.Now))
		if err != nil || c == nil {
			return err
		}
		text := i.text(tenant.ID, c)
		if c.purpose == signUpPurpose {
			if l, err = signUpLetter(tx, tenant, c, text); l != nil {
				l.About = append(l.About, jobs.Ref(tenant.ID, codeRef, c.id))
			}
			return err
		}
		w, err := findWho(tx, whoByID, methodOf[c.purpose], c.person)
		if err != nil || !w.gets(c.purpose) || string(targetOf(w.reached(c.purpose))) != string(c.target) {
			return err
		}
		l = codeLetter(tenant, c.purpose, w, text)
		l.About = append(l.About, jobs.Ref(tenant.ID, PersonRef, w.id), jobs.Ref(tenant.ID, codeRef, c.id))
		return nil
	})
	return l, err
}

// gets reports whether a code of that purpose is for the person.
func (w *who) gets(p purpose) bool {
	if p == ownEmailPurpose || p == ownPhonePurpose {
		return w != nil && isWho(RoleUser, w.profiles, w.block)
	}
	return w.may()
}

func codeLetter(tenant roster.Tenant, p purpose, w *who, text string) *letter {
	l := &letter{Message: jobs.Message{To: w.email}}
	switch p {
	case phonePurpose:
		l.phone = w.phone
		l.Text = fmt.Sprintf("%s is your code to sign in to %s. It is good for 10 minutes.", text, tenant.Name)
	case ownPhonePurpose:
		l.phone = w.phone
		l.Text = fmt.Sprintf("%s is your code to confirm this number at %s. It is good for 10 minutes.", text, tenant.Name)
	case ownEmailPurpose:
		l.Subject = "Your code to confirm this address"
		l.Text = fmt.Sprintf("Your code to confirm this address at %s is\n\n    %s\n\nIt is good for 10 minutes. If you did not ask for it, you need not do anything.\n", tenant.Name, text)
	case emailPurpose:
		l.Subject = "Your code to sign in"
		l.Text = fmt.Sprintf("Your code to sign in to %s is\n\n    %s\n\nIt is good for 10 minutes. If you did not ask for it, you need not do anything.\n", tenant.Name, text)
	default:
		l.Subject = "Set a new password"
		l.Text = fmt.Sprintf("To set a new password for %s, use this code within an hour:\n\n    %s\n\n"+
			"All devices are signed out by that. If you did not ask for it, you need not do anything: your password stays as it is.\n", tenant.Name, text)
	}
	return l
}

// signUpLetter brings the code, or word that there is an account.
func signUpLetter(tx *store.Tx, tenant roster.Tenant, c *code, text string) (*letter, error) {
	var in SignUp
	if err := json.Unmarshal([]byte(c.details), &in); err != nil {
		return nil, err
	}
	w, err := findWho(tx, whoByEmail, "", graph.Key(in.Email))
	if err != nil {
		return nil, err
	}
	there := false
	if w != nil && isWho(RoleUser, w.profiles, w.block) {
		if there, err = hasMethods(tx, w.id); err != nil {
			return nil, err
		}
	}
	if there {
		return &letter{Message: jobs.Message{
			To: w.email, Subject: "You have an account already",
			Text: fmt.Sprintf("Somebody, perhaps you, wanted to sign up to %s with this address. You have an account there already: sign in, or ask for a new password.\n"+
				"If it was not you, you need not do anything.\n", tenant.Name),
		}}, nil
	}
	return &letter{Message: jobs.Message{
		To: in.Email, Subject: "Confirm your address",
		Text: fmt.Sprintf("To sign up to %s, confirm your address with this code within a day:\n\n    %s\n\nIf you did not ask for it, you need not do anything: nothing is made.\n", tenant.Name, text),
	}}, nil
}
