package business

import (
	"strconv"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/store"
)

// accountArgs are the arguments of a job about an account.
type accountArgs struct {
	ID int64 `json:"id"`
}

// usageBilling bills what an account without cycles was charged: a customer, or a
// business account that is billed per usage. It follows the posting at once, as a job,
// so that what one transaction posts, a rental and the rebates on it, is one invoice.
var usageBilling = jobs.Kind[accountArgs]{Name: "invoice.usage"}

// billUsages has those of the charges' accounts billed that are billed at once.
func billUsages(tx *store.Tx, charges []*Charge, cycles map[int64]string) error {
	accounts := map[int64]bool{}
	for _, c := range charges {
		if cycle := cycles[c.AccountID]; cycle == "" || cycle == PerUsage {
			accounts[c.AccountID] = true
		}
	}
	var all []jobs.Job
	for _, id := range sortedKeys(accounts) {
		all = append(all, usageBilling.Job(accountArgs{id}).Keyed(strconv.FormatInt(id, 10)))
	}
	return jobs.Enqueue(tx, all...)
}
