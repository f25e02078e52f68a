// Package seal keeps secrets that must be read again, such as the seeds of second
// factors, unreadable where they lie: in a row, or in a copy of the database. It also
// derives secrets from ids, so that a code need not lie anywhere.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rosterhq/roster/internal/roster"
)

// Size is the length of a secret key, in bytes.
const Size = 32

// A sealed secret is version, key id, nonce, ciphertext with its tag.
const (
	version = 1
	idSize  = 4
	prefix  = 1 + idSize
)

// Key is the server's secret key, and those that it replaced: the first seals, all
// open. It is safe for concurrent use.
type Key struct {
	ring []single
}

// single is one secret key, split by what it does.
type single struct {
	id     [idSize]byte
	derive []byte
	aead   cipher.AEAD
}

// New makes a Key of secrets of Size bytes: the one that seals, and older ones.
func New(secret []byte, older ...[]byte) (*Key, error) {
	k := &Key{}
	for _, s := range append([][]byte{secret}, older...) {
		one, err := newSingle(s)
		if err != nil {
			return nil, err
		}
		k.ring = append(k.ring, one)
	}
	return k, nil
}

// Random returns a secret for New.
func Random() []byte {
	secret := make([]byte, Size)
	_, _ = rand.Read(secret)
	return secret
}

func newSingle(secret []byte) (one single, err error) {
	if len(secret) != Size {
		return one, fmt.Errorf("a secret key has %d bytes, not %d", Size, len(secret))
	}
	copy(one.id[:], mac(secret, "id"))
	one.derive = mac(secret, "derive")
	block, err := aes.NewCipher(mac(secret, "seal"))
	if err != nil {
		return one, err
	}
	one.aead, err = cipher.NewGCMWithRandomNonce(block)
	return one, err
}

// Context is what a secret is sealed for: it opens in the same alone, so that one
// put into another tenant's row, or another column, is refused.
type Context struct {
	Tenant  roster.TenantID
	Purpose string // noun.what, such as "credential.totp"
	ID      int64  // of the row; 0 where there is none
}

func (c Context) bytes() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(c.Tenant)) //nolint:gosec // the bits are what counts
	b = binary.BigEndian.AppendUint64(b, uint64(c.ID))        //nolint:gosec // the same
	return append(b, c.Purpose...)
}

// Seal encrypts a secret for a context, each time to other bytes.
func (k *Key) Seal(plain []byte, c Context) []byte {
	first := k.ring[0]
	sealed := append([]byte{version}, first.id[:]...)
	return first.aead.Seal(sealed, nil, plain, c.bytes())
}

// errNotOpened says nothing about why, which might help who tries.
var errNotOpened = errors.New("seal: the secret does not open: it was altered, or belongs elsewhere")

// Open decrypts what Seal made for the same context, by this key or an older one.
func (k *Key) Open(sealed []byte, c Context) ([]byte, error) {
	if len(sealed) < prefix || sealed[0] != version {
		return nil, errNotOpened
	}
	unknown := true
	for _, one := range k.ring {
		if !bytes.Equal(one.id[:], sealed[1:prefix]) {
			continue
		}
		unknown = false
		if plain, err := one.aead.Open(nil, nil, sealed[prefix:], c.bytes()); err == nil {
			return plain, nil
		}
	}
	if unknown {
		return nil, errors.New("seal: the secret was sealed by a key that the server was not given")
	}
	return nil, errNotOpened
}

// Stale reports whether a sealed secret is better sealed again: by a key that was
// replaced.
func (k *Key) Stale(sealed []byte) bool {
	return len(sealed) < prefix || !bytes.Equal(sealed[1:prefix], k.ring[0].id[:])
}

// Derive returns 32 secret bytes that are the same for the same purpose and parts,
// and tell nothing of those for others. Parts are ids, the tenant's among them.
// Another first key derives others.
func (k *Key) Derive(purpose string, parts ...int64) []byte {
	return mac(k.ring[0].derive, purpose, parts...)
}

// Digits derives a code of n decimal digits, at most 18, such as people type.
func (k *Key) Digits(n int, purpose string, parts ...int64) string {
	limit := uint64(1)
	for range n {
		limit *= 10
	}
	return fmt.Sprintf("%0*d", n, binary.BigEndian.Uint64(k.Derive(purpose, parts...))%limit)
}

// mac authenticates words and numbers so that no two lists are alike.
func mac(secret []byte, word string, numbers ...int64) []byte {
	m := hmac.New(sha256.New, secret)
	b := binary.BigEndian.AppendUint64(nil, uint64(len(word)))
	b = append(b, word...)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // the bits are what counts
	}
	m.Write(b)
	return m.Sum(nil)
}
