// Package lodging is properties, the groups that hold them, and who may see and
// change those groups.
//
// A property is always in at least one property group, and a group that holds one
// cannot be deleted; the graph keeps both rules. A person's membership in a
// property group has a role: an owner reads and writes the group and all
// properties in it, a user reads them. Who may write a property owns one of its
// groups; putting it into another group needs that too, or a mere reader could make
// a property their own.
//
// Invitations to addresses that are nobody's wait until the address is somebody's,
// and bind in the transaction that makes the person. They add a membership and
// nothing else: no profile, no sign-in method and no session.
package lodging
