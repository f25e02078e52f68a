// Package transfer brings people, groups, properties and memberships in and out as
// rows of a file.
//
// A row is one JSON object (Row). A person, a group or a property is found again
// by its uuid, or by its id: an id that the file's source gave, which the tenant
// keeps as external_id. A membership names both its ends by uuid or id. So a
// second import of the same file finds everything and changes nothing, one that
// was cut off goes on where it ended, and what an export wrote reads back as it was.
//
// An import adds and changes; it removes nothing. Fields that a row leaves out
// stay as they are. Each row is taken whole or rejected whole, with a reason.
package transfer
