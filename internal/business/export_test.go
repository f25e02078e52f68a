package business

// InsertFresh is insertFresh, for tests that draw codes themselves.
var InsertFresh = insertFresh
