package opsapi_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/api/apitest"
	"github.com/rosterhq/roster/internal/api/opsapi"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/racetest"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/wiretest"
)

// scripts are names as people have them, and as nobody does.
var scripts = []string{
	"Anna", "Hannah", "José", "Zoe\u0308", "Zoë", "Łukasz", "Đặng", "İpek", "Straße", "ﬁona", "O'Brien", `D"Angelo`, `back\slash`, "100%", "under_score", "%_%", "--", "/*",
	"Ελένη", "ΓΙΏΡΓΟΣ", "Σίσυφος", "Иван", "ЁЛКИН", "Щука", "Їжак", "محمد", "فاطمة", "ٱلرَّحِيم", "נועה", "שָׁלוֹם", "王伟", "李娜", "𠮷田", "さくら", "ｻｸﾗ", "김민준", "प्रिया", "สมชาย", "አበበ",
	"👩‍👩‍👧‍👦", "🚲", "🇦🇹", "e\u0301\u0301\u0301", "a\u200bb", "x\u00a0y", "\u202eevil", "ﷺ", "'; DROP TABLE customers; --", "Robert'); --", "NULL", "null", "0", "-1", "1e9", "true",
	"$1", "?", "?1", ":name", "{{.}}", "<script>", "${x}", "\\x00", "\\u0000", "%00", "\\", "\t", "line\nbreak",
}

// someone is a customer of the many, as a test keeps one.
type someone struct {
	id                         int64
	first, last, email, phone  string
	names, address, number     string // as they are searched: first and last, and the address, in lower case; the id
	inVienna, inGraz, isHidden bool
}

// crowd are n customers with names in all scripts.
func crowd(n int) []someone {
	draw := rand.New(rand.NewPCG(3, 5))
	all := make([]someone, n)
	for i := range all {
		p := &all[i]
		p.id = 1_000_000 + int64(i)
		p.first, p.last = scripts[draw.IntN(len(scripts))], scripts[draw.IntN(len(scripts))]
		if draw.IntN(4) == 0 {
			p.last += " " + scripts[draw.IntN(len(scripts))]
		}
		p.email = fmt.Sprintf("%s.%d@Example.org", []string{"anna", "li", "c", "o'brien", "a+b"}[draw.IntN(5)], i)
		if draw.IntN(3) == 0 {
			p.phone = fmt.Sprintf("+43660%07d", i)
		}
		p.names, p.address, p.number = strings.ToLower(p.first+" "+p.last), strings.ToLower(p.email), fmt.Sprint(p.id)
		p.inVienna, p.inGraz, p.isHidden = draw.IntN(2) == 0, draw.IntN(3) == 0, draw.IntN(17) == 0
	}
	return all
}

// finds is what a look at a customer finds, by the words of the docs: each word occurs
// in names, address, number or id; or all of it is a number, however written.
func finds(text string) func(p *someone) bool {
	words, digits := strings.Fields(strings.ToLower(text)), ""
	if strings.Trim(text, "+0123456789 ()-/.") == "" {
		digits = strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", "/", "", ".", "").Replace(text)
	}
	return func(p *someone) bool {
		lacks := func(word string) bool {
			return !strings.Contains(p.names, word) && !strings.Contains(p.address, word) && !strings.Contains(p.phone, word) && !strings.Contains(p.number, word)
		}
		return !slices.ContainsFunc(words, lacks) || digits != "" && !lacks(digits)
	}
}

// settle writes the crowd behind the back of the program.
func (h *house) settle(database string, all []someone) {
	h.T.Helper()
	vienna, graz := h.Branch("VIE"), h.Branch("GRZ")
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	uuid, blob := `x'%032x'`, `x''`
	if store.IsPostgres(database) {
		uuid, blob = `decode('%032x', 'hex')`, `''`
	}
	raw := storetest.Raw(h.T, database)
	tx, err := raw.BeginTx(h.T.Context(), nil)
	if err != nil {
		h.T.Fatal(err)
	}
	const most = "9223372036854775807"
	columns := map[string]string{
		"subjects": "tenant, id, kind, uuid, created_at",
		"people":   "tenant, id, recorded_from, recorded_to, revision, profiles, name, email, email_key, data_source_id, status, external_id, created_at",
		"customers": `tenant, id, first_name, last_name, birthdate, email_verified, phone, phone_verified, street, postcode, city, country, language, newsletter,
			home_branch_id, block_state, block_reason, payment_state, license_state, license_expires, license_number, license_categories, id_state, id_expires, id_document_type,
			manual_state, external_state, credit_status, signup_settled, signup_failed, balance, tags, annotations, custom_properties, made_by_client,
			last_sign_in_at, created_at, updated_at, revision`,
		"terms_acceptances": "tenant, person_id, branch_id, terms_id, accepted_at, accepted_by, operator_id",
	}
	for part := range slices.Chunk(all, 500) {
		rows := map[string][]string{}
		for i := range part {
			p := &part[i]
			block := map[bool]string{true: "DELETED", false: "NONE"}[p.isHidden]
			rows["subjects"] = append(rows["subjects"], fmt.Sprintf(`(%d, %d, 'person', `+uuid+`, 0)`, h.CLI.Tenant.ID, p.id, p.id))
			rows["people"] = append(rows["people"], fmt.Sprintf(`(%d, %d, 1, %s, 1, %d, %s, %s, %s, '', 'active', NULL, 0)`,
				h.CLI.Tenant.ID, p.id, most, graph.CustomerProfile, quote(p.first), quote(p.email), quote(p.address)))
			rows["customers"] = append(rows["customers"], fmt.Sprintf(`(%d, %d, %s, %s, '', false, %s, false, '', '', '', '', 'en', false, %d, '%s', '', 'NONE', 'UNVERIFIED', '', %s, '',
				'UNVERIFIED', '', '', 'UNVERIFIED', 'UNVERIFIED', 'UNKNOWN', false, false, 0, '[]', '[]', '{}', '', 0, 0, 0, 1)`,
				h.CLI.Tenant.ID, p.id, quote(p.first), quote(p.last), quote(p.phone), vienna, block, blob))
			for branch, in := range map[int64]bool{vienna: p.inVienna, graz: p.inGraz} {
				if in {
					rows["terms_acceptances"] = append(rows["terms_acceptances"], fmt.Sprintf(`(%d, %d, %d, 1, 0, 'CUSTOMER', 0)`, h.CLI.Tenant.ID, p.id, branch))
				}
			}
		}
		for _, table := range []string{"subjects", "people", "customers", "terms_acceptances"} {
			if _, err := tx.ExecContext(h.T.Context(), `INSERT INTO `+table+` (`+columns[table]+`) VALUES `+strings.Join(rows[table], ", ")); err != nil {
				h.T.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		h.T.Fatal(err)
	}
	if _, err := raw.ExecContext(h.T.Context(), `ANALYZE`); err != nil {
		h.T.Fatal(err)
	}
}

// anew is a client of another server on the house's database, which reads it from the
// beginning.
func (h *house) anew(database string) *wiretest.Client {
	h.T.Helper()
	db := storetest.Open(h.T, database, store.Options{Clock: h.Clock.Now})
	graph.New(db)
	i, b, c := identity.New(db), business.New(db), care.New(db)
	server := wire.NewServer(wire.Options{
		Auth: i, Revision: db.Published, Limits: wire.Limits{PerToken: -1, PerAddress: -1}, Logger: slog.New(slog.DiscardHandler),
		KnownTenant: func(name string) bool { return name == "acme" },
	}, opsapi.New(i, b, c, mobility.New(db, i, b, c)))
	return wiretest.New(h.T, apitest.NoNulls(h.T, server), base)
}

// hostile are texts that somebody could search, with pieces of what there is.
func hostile(all []someone) []string {
	draw := rand.New(rand.NewPCG(7, 9))
	texts := []string{
		"", " ", "a", "é", "e\u0301", "\u0301", "\u200d", "\u202e", "👩", "🚲 🇦🇹", "%%", "'' OR 1=1", `" OR ""="`, "'; DELETE FROM customers; --", "anna%", "_nna", "ann_", `\%`, "*", "an*", "NEAR(anna)",
		"anna OR hannah", "-anna", "^anna", "[a-z]", ".*", "(?i)ANNA", strings.Repeat("x", 200), strings.Repeat("王", 200), strings.Repeat("👩‍", 100), strings.Repeat("anna ", 40), strings.Repeat("\u0301", 200),
		"+43 660 0000-012", "(660) 00.00", "+", "1000017", "@example.org", "@EXAMPLE", "anna.1 li", "ΣΊΣΥΦΟΣ", "İPEK", "ipek", "STRASSE", "straße", "x\u2003y", "line break", "line\nbreak", "\t",
	}
	for i, name := range scripts {
		if i%2 == 0 {
			name = strings.ToUpper(name)
		}
		texts = append(texts, name)
	}
	piece := func(text string) string {
		runes := []rune(text)
		from := draw.IntN(len(runes))
		return string(runes[from:min(len(runes), from+1+draw.IntN(6))])
	}
	for range 10 {
		p := &all[draw.IntN(len(all))]
		texts = append(texts, piece(p.first), piece(p.last)+" "+piece(p.first), piece(p.email)+" "+piece(p.last), fmt.Sprint(p.id))
	}
	return texts
}

// searched is a search, and whom of the crowd it finds, the newest first.
type searched struct {
	text, where string
	page, size  int
	want        []*someone
}

func (s *searched) try(t *testing.T, h *house, client *wiretest.Client) {
	t.Helper()
	query := url.Values{"branchId": {fmt.Sprint(h.Branch(s.where))}, "searchText": {s.text}, "size": {fmt.Sprint(s.size)}, "page": {fmt.Sprint(s.page)}}
	a := client.Get("/customers?" + query.Encode()).Want(200)
	var total int
	if _, err := fmt.Sscan(a.Header.Get("X-Pagination-TotalElements"), &total); err != nil {
		t.Fatal(err)
	}
	// The house's own nine are older than the crowd, and come last.
	part := s.want[min(s.page*s.size, len(s.want)):min(s.page*s.size+s.size, len(s.want))]
	if total < len(s.want) || total > len(s.want)+9 || a.Len("") < len(part) {
		t.Errorf("%q in %s finds %d, want %d; %d on the page, want %d", s.text, s.where, total, len(s.want), a.Len(""), len(part))
		return
	}
	for i, p := range part {
		at := func(field string) string { return a.Text(fmt.Sprintf("%d.%s", i, field)) }
		if number(a, fmt.Sprintf("%d.id", i)) != p.id || at("firstName") != p.first || at("lastName") != p.last || at("email") != p.email {
			t.Errorf("%q in %s: row %d is %v, want %+v", s.text, s.where, i, a.At(fmt.Sprint(i)), p)
		}
	}
}

// Whatever is searched, in whatever script, over 100,000 customers: what is found is
// what a look at each of them finds, counted exactly; and what no database takes is
// refused.
func TestSearchHostileText(t *testing.T) {
	all := crowd(racetest.Scale(100_000))
	texts := hostile(all)
	draw := rand.New(rand.NewPCG(11, 13))
	searches := make([]searched, len(texts))
	for i, text := range texts {
		s := &searches[i]
		s.text, s.where, s.size = text, []string{"AT", "VIE", "GRZ"}[draw.IntN(3)], 1+draw.IntN(30)
		found := finds(text)
		for j := range slices.Backward(all) {
			p := &all[j]
			if !p.isHidden && (p.inVienna && s.where != "GRZ" || p.inGraz && s.where != "VIE") && found(p) {
				s.want = append(s.want, p)
			}
		}
		if draw.IntN(3) == 0 {
			s.page = draw.IntN(len(s.want)/s.size + 2)
		}
	}
	storetest.Each(t, func(t *testing.T, database string) {
		h := newHouse(t, database)
		h.settle(database, all)
		client := h.anew(database).As(h.tokens["admin"])
		for i := range searches {
			searches[i].try(t, h, client)
		}
		branch := fmt.Sprint(h.Branch("AT"))
		for _, text := range []string{"%00", "anna%00", "%FF", "%C3%28", "%ED%A0%80", strings.Repeat("x", 201), strings.Repeat("%F0%9F%9A%B2", 201), strings.Repeat("x", 20_000)} {
			client.Get("/customers?branchId=" + branch + "&searchText=" + text).Want(400)
			client.Get("/customers?simple&searchText=" + text).Want(400)
			client.Get(cardList + "?searchText=" + text).Want(400)
		}
	})
}
