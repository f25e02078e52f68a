package wire

// Keys runs calls that bring Idempotency-Key or Roster-Plan.
type Keys struct{}

func (k *Keys) serve(rq *request) bool { return false }
