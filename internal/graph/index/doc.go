// Package index answers who is in a group, through any number of nested groups,
// from memory. It holds the effective state of one tenant's graph at one instant
// and knows nothing of SQL: whoever owns the rows feeds it, once by Load and then
// commit by commit through Apply.
//
// # Walking up
//
// A graph of memberships is wide below and narrow above: a group near the root
// may hold a million people, while a person has some ten groups and those have
// some hundred ancestors. Check therefore climbs from the person instead of
// descending from the group, and depth costs next to nothing. It descends too,
// level by level, whenever that is the cheaper side: a group with few groups
// below it is settled from there, however many groups the person has. The two
// walks meet at a shortest path.
//
// Nothing derived is stored but one number per group, so there is little that an
// edit could leave wrong. A sorted list of ancestors per group would make a check
// a few hundred nanoseconds faster and every edge between groups far dearer; a
// bitmap of people per group would do the same to the edges of people. Neither is
// worth it beside the cost of a request.
//
// # Slots, links and terms
//
// People, groups and properties have ids from one dense sequence. Inside, each
// has a slot: a small integer in the array of its kind, used again once it is
// free. An edge is a link of eight bytes on the group's side (the member's slot,
// and the second of its Added) and four bytes on the member's side. What few edges
// have — a start, an expiry, a role, a state — stands in a map beside them, and a
// bit of the link says whether to look there. Another bit says that the edge does
// not count at this instant: such an edge keeps its place, is shown by EdgeOf and
// DirectMembers, and is skipped by every walk.
//
// Dates of adding are kept to the second, which is what the APIs print. A date
// outside 1970 to 2106 is moved to that limit.
//
// # Counts
//
// A group without child groups has as many people as links. Every other group has
// a cached number. An edge of a person moves it: one climb from the person's other
// groups marks where the person is anyway, and the unmarked groups above the edge
// gain or lose one. An edge to a small child group does the same for each of its
// people. Any other edge between groups forgets the numbers above it, and the next
// reader counts again by walking down. A commit that moves many people forgets,
// too, rather than climb for each of them.
//
// # Time
//
// An edge counts from StartsAt on and while the time is before ExpiresAt, to the
// microsecond. Instants to come lie in a min-heap. A read that finds the top due
// has it applied first, by the code that commits use. An event only says "look at
// this edge again", so events of edges that were changed or dropped meanwhile need
// no removal. The clock never goes back.
//
// # Concurrency
//
// One lock for readers and a writer. A read sees whole commits. Headers (Group,
// Person, Property) are replaced and never changed, so they stay valid after the
// view that gave them. Walks use pooled scratch with stamps, need no clearing, and
// end on cyclic data.
package index
