package main

import (
	"net"
	"sync"

	"github.com/pion/stun/v3"
)

// answers puts right what the library answers otherwise than RFC 8656 and RFC 8489 want it.
//
// Who asks for a channel to a peer that is not let in is forbidden to have it (403): the library says
// that he has not said who he is. Who proves himself wrongly has not said it (401), and hears what to
// make a proof of: to the library his request is a bad one.
type answers struct {
	mutex   sync.Mutex
	nonce   []byte          // the newest that anybody was told; it is good for all of them
	doubted map[string]bool // by address: the next refusal there is of a proof
}

func newAnswers() *answers { return &answers{doubted: map[string]bool{}} }

func keyOf(address net.Addr) string { return address.Network() + " " + address.String() }

// doubt notes that a proof was wrong which came from an address.
func (a *answers) doubt(from net.Addr) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.doubted[keyOf(from)] = true
}

// put gives what is sent in place of an answer. Whatever is none of a refusal stays as it is.
func (a *answers) put(data []byte, to net.Addr) []byte {
	// Channel data and indications come by thousands: they are told by their first bytes.
	if len(data) < 2 || data[0] > 1 || data[0]&1 == 0 || data[1]&0x10 == 0 {
		return data
	}
	refusal := &stun.Message{Raw: data}
	var code stun.ErrorCodeAttribute
	if refusal.Decode() != nil || code.GetFrom(refusal) != nil {
		return data
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if nonce, err := refusal.Get(stun.AttrNonce); err == nil {
		a.nonce = append([]byte{}, nonce...)
		return data
	}
	who := keyOf(to)
	doubted := a.doubted[who]
	delete(a.doubted, who)
	switch {
	case doubted && code.Code == stun.CodeBadRequest:
		return instead(refusal, stun.CodeUnauthorized, stun.NewRealm(realm), stun.Nonce(a.nonce))
	case refusal.Type.Method == stun.MethodChannelBind && code.Code == stun.CodeUnauthorized:
		return instead(refusal, stun.CodeForbidden)
	}
	return data
}

func instead(refusal *stun.Message, code stun.ErrorCode, more ...stun.Setter) []byte {
	told := append([]stun.Setter{stun.NewTransactionIDSetter(refusal.TransactionID), refusal.Type, code}, more...)
	made, err := stun.Build(told...)
	if err != nil {
		return refusal.Raw
	}
	return made.Raw
}
