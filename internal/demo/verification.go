package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/rosterhq/roster/internal/care"
)

// makeVerification files the check of a member's license: one attempt that was not
// readable, and one that passed.
func makeVerification(ctx context.Context, w *worker) error {
	now := w.DB.Clock()().UTC()
	const decidedIn = 10 * time.Minute
	shown := func(state, reason string, daysAgo int, shade uint8) care.FiledAttempt {
		decided := now.AddDate(0, 0, -daysAgo)
		return care.FiledAttempt{
			VerificationResult: care.VerificationResult{
				State: state, AttemptUUID: "demo-" + state, ReasonCode: reason, DocumentType: "DRIVING_LICENSE", DocumentCountry: "US", DocumentNumber: "PA 31 415 926",
				ExpirationDate: now.AddDate(4, 0, 0).Format(time.DateOnly), Categories: []string{"B"}, DecidedAt: decided.UnixMicro(),
			},
			ShownAt: decided.Add(-decidedIn).UnixMicro(), Front: card(shade),
		}
	}
	v, err := w.Care.FileVerification(ctx, w.actor, care.FiledVerification{
		CustomerID: w.Customers["business-member"], Kind: care.LicenseVerification, Provider: "VERIFF", Reference: "demo",
		Attempts: []care.FiledAttempt{shown(care.Retry, "BLURRED", 31, 0x90), shown(care.Verified, "", 30, 0xd0)},
	})
	if err != nil {
		return err
	}
	w.Numbers["verification"] = v.ID
	for _, a := range v.Attempts {
		for _, m := range a.Media {
			w.IDs["verification_media"] = m.FileUUID
		}
	}
	return nil
}

// card draws what stands for a photograph of a license.
func card(shade uint8) []byte {
	picture := image.NewGray(image.Rect(0, 0, 160, 100))
	for y := range 100 {
		for x := range 160 {
			if x > 50 && y%16 < 6 && x < 140 || x > 8 && x < 42 && y > 20 && y < 70 {
				picture.SetGray(x, y, color.Gray{Y: shade / 2})
				continue
			}
			picture.SetGray(x, y, color.Gray{Y: shade})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, picture) // into memory, which takes all
	return b.Bytes()
}
