package main

import (
	"fmt"
	"time"
)

// command is one line of the standard input. `do` says which:
//
//	join     Crowd joins Room, spread over Seconds, and waits until all hear or Within is over
//	measure  counts for Seconds
//	unmute   the People open their microphones at once, and are silent; then as measure
//	last     when the People last heard something, and how their calls ended
//	try      one more person asks to join Room: how that is answered
//	leave    everybody leaves
type command struct {
	Do      string    `json:"do"`
	Room    string    `json:"room"`
	Crowd   []invited `json:"crowd"`
	People  []int     `json:"people"`
	Seconds float64   `json:"seconds"`
	Within  float64   `json:"within"`
}

// invited is somebody who may join. Token is that of a user, or at an engine alone the engine's.
// Who is Exact has every packet counted by the generator instead of the kernel.
type invited struct {
	Token string `json:"token"`
	Talks bool   `json:"talks"`
	Exact bool   `json:"exact"`
}

// joined is the answer to join: times in seconds from the first join.
type joined struct {
	Failed map[string]int `json:"failed"`
	// Tries are how often somebody was told to come back, and did.
	Tries int64 `json:"tries"`
	// Hearing is how many hear somebody; the slowest of them did after AllHear.
	Hearing int     `json:"hearing"`
	AllHear float64 `json:"allHear"`
	// Complete is how many know of everybody else; the slowest did RosterAfter the last one's media was up.
	Complete    int     `json:"complete"`
	RosterAfter float64 `json:"rosterAfter"`
	// P50 and P95 are of the time from a person's first step to the first sound.
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
}

// measured is the answer to measure and unmute. Delays are in milliseconds, how much later packets
// came than the fastest one of the same stream.
type measured struct {
	Seconds   float64 `json:"seconds"`
	Sent      int64   `json:"sent"`
	Expected  int64   `json:"expected"`
	Heard     int64   `json:"heard"`
	Silent    int     `json:"silent"` // people who heard nothing
	DelayP50  float64 `json:"delayP50"`
	DelayP95  float64 `json:"delayP95"`
	DelayP99  float64 `json:"delayP99"`
	DelayMax  float64 `json:"delayMax"`
	LateSlots int64   `json:"lateSlots"` // moments to send in that the generator missed by 10 ms
	// Wrong counts packets whose decrypted content is not what its talker sent next.
	Wrong int64 `json:"wrong"`
	// Voices are how many different people were heard by those who count exactly: the least and the most.
	VoicesLeast int            `json:"voicesLeast"`
	VoicesMost  int            `json:"voicesMost"`
	Standing    int            `json:"standing"`
	Broken      map[string]int `json:"broken"`
}

// farewell is of one person in the answer to last: Unix nanoseconds, and "code/subCode".
type farewell struct {
	Heard int64  `json:"heard"`
	End   string `json:"end"`
}

func (c *crowd) do(asked command) (any, error) {
	switch asked.Do {
	case "join":
		return c.join(asked)
	case "measure":
		return c.measure(seconds(asked.Seconds)), nil
	case "unmute":
		for _, at := range asked.People {
			go c.people[at].media.unmute()
		}
		return c.measure(seconds(asked.Seconds)), nil
	case "last":
		told := []farewell{}
		for _, at := range asked.People {
			told = append(told, c.people[at].farewell())
		}
		return told, nil
	case "try":
		return map[string]string{"answer": c.try(asked.Room, asked.Crowd[0])}, nil
	case "leave":
		c.leave()
		return map[string]int{}, nil
	}
	return nil, fmt.Errorf("no command %q", asked.Do)
}

func seconds(number float64) time.Duration {
	return time.Duration(number * float64(time.Second))
}
