package app

import "strings"

// walkTitle heads the walk, whose lines follow it to the end of what is printed.
const walkTitle = "# A courier's business rental, from sign-in to the account's summary; paste it whole into bash"

// walk goes through the user API as an app would. FILE, AUTH and FRONT stand for
// demo.json and the bases of the APIs, {name} for an id of the demo.
const walk = `
F=FILE A=AUTH U=FRONT
of() { sed -n '/"business-member": {/,/}/s/.*"'$1'": "\(.*\)".*/\1/p' "$F"; }
TOKEN=$(curl -sf -H 'Content-Type: application/json' -d '{"email":"'"$(of email)"'","password":"'"$(of password)"'"}' $A/sign-in-email | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
me() { curl -sf -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "$@" && echo; }
me "$U/groups"
me "$U/rentals/requirements?vehicleId={vehicle_free}&userGroupCode={business_group_code}"
RENTAL=$(me -d '{"vehicleId":{vehicle_free},"userGroupCode":"{business_group_code}","costCenterId":{cost_center_1},"startRentalState":"ACTIVE"}' "$U/rentals" | sed 's/^{"id":\([0-9]*\).*/\1/')
me -d '{}' "$U/rentals/$RENTAL/end"
TOKEN=$(sed -n 's/.*"business-owner": "\(rst_.*\)".*/\1/p' "$F")
me "$U/groups-management/{business_group}/billing-summary"
`

// walk spells the demo's walk for the shell.
func (p *program) walk(file string) string {
	bases := strings.NewReplacer("FILE", quoted(file), "AUTH", p.demo.APIs["auth"], "FRONT", p.demo.APIs["user"])
	return "\n" + walkTitle + p.named(bases.Replace(walk))
}
