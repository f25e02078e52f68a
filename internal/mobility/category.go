package mobility

import (
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Category is a kind of vehicle, such as bikes or vans. A branch has the categories
// that its business unit has a tariff for.
type Category struct {
	ID         int64
	Code, Name string
	CreatedAt  int64
	UpdatedAt  int64
	Revision   int64
}

const (
	maxName = 120
	maxCode = 64
)

var (
	categoryAll = store.Q("vehicle_category.all", `SELECT id, code, name, created_at, updated_at, revision FROM vehicle_categories
		WHERE tenant = $1 ORDER BY id`).Whole("a tenant has few categories, and all are wanted")
	categoryByID = store.Q("vehicle_category.by_id", `SELECT id, code, name, created_at, updated_at, revision FROM vehicle_categories
		WHERE tenant = $1 AND id = $2`)
	categoryByCode = store.Q("vehicle_category.by_code", `SELECT id, code, name, created_at, updated_at, revision FROM vehicle_categories
		WHERE tenant = $1 AND code_key = $2`)
	categoryInsert = store.Q("vehicle_category.insert", `INSERT INTO vehicle_categories (tenant, id, code, code_key, name, created_at, updated_at, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	categoryUpdate = store.Q("vehicle_category.update", `UPDATE vehicle_categories SET code = $3, code_key = $4, name = $5, updated_at = $6, revision = $7
		WHERE tenant = $1 AND id = $2`)
)

func scanCategory(s store.Scanner) (*Category, error) {
	c := &Category{}
	return c, s.Scan(&c.ID, &c.Code, &c.Name, &c.CreatedAt, &c.UpdatedAt, &c.Revision)
}

// Categories reads the tenant's categories, by id.
func Categories(tx *store.Tx) ([]*Category, error) { return store.All(tx, categoryAll, scanCategory) }

// categoryFields are the fields of a category as the change log spells them.
type categoryFields struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// PutCategory has the category of c's code be as c says, and fills in its id; it
// reports whether that changed anything. Invalid.
func PutCategory(tx *store.Tx, c *Category) (changed bool, err error) {
	if err := checkNamed(c.Code, c.Name); err != nil {
		return false, err
	}
	before, err := one(tx, scanCategory, categoryByCode, graph.Key(c.Code))
	if err != nil {
		return false, err
	}
	c.CreatedAt, c.UpdatedAt, c.Revision = tx.Now, tx.Now, tx.Revision
	change := roster.Change{Operation: "vehicle_category.create", SubjectType: "vehicle_category", After: categoryFields{c.Code, c.Name}}
	if before == nil {
		if c.ID, err = tx.NextID(store.VehicleCategories); err != nil {
			return false, err
		}
		_, err = tx.Exec(categoryInsert, c.ID, c.Code, graph.Key(c.Code), c.Name, c.CreatedAt, c.UpdatedAt, c.Revision)
	} else {
		if before.Code == c.Code && before.Name == c.Name {
			*c = *before
			return false, nil
		}
		c.ID, c.CreatedAt = before.ID, before.CreatedAt
		change.Operation, change.Before = "vehicle_category.update", categoryFields{before.Code, before.Name}
		_, err = tx.Exec(categoryUpdate, c.ID, c.Code, graph.Key(c.Code), c.Name, c.UpdatedAt, c.Revision)
	}
	change.SubjectID = c.ID
	tx.Record(change)
	return true, err
}

func checkNamed(code, name string) error {
	switch {
	case code == "" || len(code) > maxCode:
		return roster.FieldError("code", "must have 1 to %d characters", maxCode)
	case name == "" || len(name) > maxName:
		return roster.FieldError("name", "must have 1 to %d characters", maxName)
	}
	return nil
}
