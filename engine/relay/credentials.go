package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/pion/stun/v3"
	"github.com/pion/turn/v5"
)

// A user name is so long at most.
const longestName = 128

// credentials checks user names of the form "EXPIRY:HOLDER" (seconds since 1970), whose password is
// the base64 of their HMAC-SHA256.
//
// Expiry counts for new allocations. Those that are there may be kept: a call is longer than the
// credential with which it began, and leads to the engine alone, which hears nobody it has put out.
func credentials(secret string, doubt func(net.Addr)) turn.AuthHandler {
	return func(asked *turn.RequestAttributes) (user string, key []byte, ok bool) {
		expiry, holder, found := strings.Cut(asked.Username, ":")
		seconds, err := strconv.ParseInt(expiry, 10, 64)
		if !found || holder == "" || err != nil || len(asked.Username) > longestName {
			doubt(asked.SrcAddr)
			return "", nil, false
		}
		if asked.Method == stun.MethodAllocate && time.Now().Unix() >= seconds {
			doubt(asked.SrcAddr)
			return "", nil, false
		}
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write([]byte(asked.Username))
		password := base64.StdEncoding.EncodeToString(sum.Sum(nil))
		return asked.Username, turn.GenerateAuthKey(asked.Username, realm, password), true
	}
}

// holderOf is whose a user name is.
func holderOf(user string) string {
	_, holder, _ := strings.Cut(user, ":")
	return holder
}
