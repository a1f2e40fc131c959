package main

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	// A packet of Opus: one frame of 20 ms (RFC 6716), to those who do not decode it.
	opusMono20 = 0xf8
	frame      = 20 * time.Millisecond
	nonceSize  = 16
	certified  = 24 * time.Hour
)

// call is one order under way.
type call struct {
	given    order
	began    time.Time
	deadline time.Time
	speaker  *participant
	listener *participant
	said     []byte
}

func newCall(given order, within time.Duration) (*call, error) {
	said := make([]byte, 1+nonceSize)
	said[0] = opusMono20
	if _, err := rand.Read(said[1:]); err != nil {
		return nil, err
	}
	now := time.Now()
	made := &call{given: given, began: now, deadline: now.Add(within), said: said}
	var err error
	if made.speaker, err = newParticipant(made, nil); err != nil {
		return nil, err
	}
	if err = made.speaker.publish(); err == nil {
		made.listener, err = newParticipant(made, given.Relay)
	}
	if err == nil {
		err = made.listener.receive()
	}
	if err != nil {
		made.leave()
		return nil, err
	}
	return made, nil
}

// run waits for each step of a call, and blames the part that a step stands on.
func (c *call) run() outcome {
	if err := c.enter(); err != nil {
		return outcome{Fault: "signalling", Why: err.Error()}
	}
	told := outcome{Admitted: c.since()}
	if err := c.await(c.speaker.connected); err != nil {
		return c.blame(told, "media", fmt.Sprintf("no way to the engine's media at %s over UDP", c.given.Reached), err)
	}
	told.Connected = c.since()
	go c.speaker.speak(c.said)
	if err := c.await(c.listener.connected); err != nil {
		if c.given.Relay != nil {
			return c.blame(told, "relay", "no way to the engine's media through "+c.given.Relay.URL, err)
		}
		return c.blame(told, "media", "only one of two participants came to the engine's media", err)
	}
	if err := c.await(c.listener.heard); err != nil {
		return c.blame(told, "media", "what one participant sends does not come to the other", err)
	}
	told.Heard = c.since()
	return told
}

func (c *call) blame(told outcome, part, what string, err error) outcome {
	told.Fault, told.Why = part, fmt.Sprintf("%s: %s", what, err)
	return told
}

// enter brings both through the gate.
func (c *call) enter() error {
	var both sync.WaitGroup
	var errs [2]error
	for index, one := range []*participant{c.speaker, c.listener} {
		ticket := []string{c.given.Speaker, c.given.Listener}[index]
		both.Go(func() { errs[index] = one.enter(ticket) })
	}
	both.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// await waits for a step, for as long as there is time and both are in the call.
func (c *call) await(step <-chan struct{}) error {
	late := time.NewTimer(time.Until(c.deadline))
	defer late.Stop()
	select {
	case <-step:
		return nil
	case err := <-c.speaker.lost:
		return err
	case err := <-c.listener.lost:
		return err
	case <-late.C:
		return fmt.Errorf("nothing within %.3g s", c.given.Seconds)
	}
}

func (c *call) since() float64 { return time.Since(c.began).Seconds() }

func (c *call) leave() {
	for _, one := range []*participant{c.speaker, c.listener} {
		if one != nil {
			one.leave()
		}
	}
}

// certificates are the same for some time: to make one costs as much as all else of a connection.
var certificates struct {
	mutex sync.Mutex
	made  time.Time
	now   []webrtc.Certificate
}
