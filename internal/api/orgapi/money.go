package orgapi

import (
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/wire"
)

// money is a number of minor units of a currency.
type money struct {
	Amount   int64  `json:"amount" minimum:"0" doc:"Minor units, such as cents." example:"150000"`
	Currency string `json:"currency" minLength:"3" maxLength:"3" doc:"A currency of ISO 4217." example:"MXN"`
}

func (m money) value() spend.Money { return spend.Money{Amount: m.Amount, Currency: m.Currency} }

func moneyOf(m spend.Money) money { return money{m.Amount, m.Currency} }

func nullableMoney(m *spend.Money) nullable[money] {
	if m == nil {
		return nullable[money]{}
	}
	out := moneyOf(*m)
	return nullable[money]{&out}
}

// setMoney takes an amount of a body that may be absent, null or a value.
func setMoney(to **spend.Money, in wire.Opt[money]) {
	if !in.Set {
		return
	}
	*to = nil
	if m, ok := in.Get(); ok {
		value := m.value()
		*to = &value
	}
}

// set takes a field of a body that may be absent; null is the zero value.
func set[T any](to *T, in wire.Opt[T]) {
	if in.Set {
		*to = in.Value
	}
}
