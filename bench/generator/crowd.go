package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/webrtc/v4"
)

const (
	look        = 10 * time.Millisecond
	reportEvery = 5 * time.Second // as Chromium does of sound
	dialWithin  = 30 * time.Second
)

// settings are where the crowd goes, and how it listens.
type settings struct {
	server, engine string
	tls            *tls.Config
	decrypts       bool
}

// crowd is everybody.
type crowd struct {
	set          settings
	certificates []webrtc.Certificate
	people       []*person
	left         chan struct{} // closed once these people have left
	delays       delays
	speech       speech
}

func newCrowd(set settings) (*crowd, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	// One for all: what making it costs is none of the server's business.
	shared, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, err
	}
	c := &crowd{set: set, certificates: []webrtc.Certificate{*shared}}
	go c.speech.run()
	return c, nil
}

// dialer is that of one person: his second connection resumes the first one's TLS, as in a browser.
func (c *crowd) dialer() *websocket.Dialer {
	one := &websocket.Dialer{HandshakeTimeout: dialWithin}
	if c.set.tls != nil {
		one.TLSClientConfig = c.set.tls.Clone()
		one.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	return one
}

func (c *crowd) join(asked command) (joined, error) {
	c.people = make([]*person, len(asked.Crowd))
	c.left = make(chan struct{})
	for at, who := range asked.Crowd {
		one := &person{invited: who, index: at, dialer: c.dialer()}
		var err error
		if one.media, err = newMedia(c, at, who, one.stop); err != nil {
			return joined{}, err
		}
		c.people[at] = one
	}
	begun := time.Now()
	for at, one := range c.people {
		time.Sleep(time.Until(begun.Add(seconds(asked.Seconds) * time.Duration(at) / time.Duration(len(c.people)))))
		go one.join(c, asked.Room)
	}
	go report(c.people, c.left)
	for time.Since(begun) < seconds(asked.Within) && !c.allIn() {
		time.Sleep(look)
	}
	return c.entered(begun), nil
}

// report lets everybody report, one after the other, until all have left.
func report(people []*person, left <-chan struct{}) {
	turns := time.NewTicker(reportEvery / time.Duration(len(people)))
	defer turns.Stop()
	for {
		for _, one := range people {
			select {
			case <-left:
				return
			case <-turns.C:
				one.media.report()
			}
		}
	}
}

// allIn tells whether everybody who has not failed hears, and knows of the others.
func (c *crowd) allIn() bool {
	others := c.standing() - 1
	return !slices.ContainsFunc(c.people, func(one *person) bool {
		knows := c.set.server == "" || one.knows(others) != 0
		return one.end.Load() == nil && (one.hears() == 0 || !knows)
	})
}

func (c *crowd) standing() int {
	count := 0
	for _, one := range c.people {
		if one.end.Load() == nil {
			count++
		}
	}
	return count
}

func (c *crowd) entered(begun time.Time) joined {
	told := joined{Failed: c.broken()}
	var waits []float64
	var lastUp, lastHears, lastKnows int64
	for _, one := range c.people {
		lastUp = max(lastUp, one.media.up.Load())
		if at := one.hears(); at != 0 {
			told.Hearing++
			lastHears = max(lastHears, at)
			waits = append(waits, float64(at-one.began.Load())/float64(time.Second))
		}
		told.Tries += one.tries.Load()
		if at := one.knows(c.standing() - 1); at != 0 {
			told.Complete++
			lastKnows = max(lastKnows, at)
		}
	}
	told.AllHear = float64(lastHears-begun.UnixNano()) / float64(time.Second)
	told.RosterAfter = max(0, float64(lastKnows-lastUp)/float64(time.Second))
	told.P50, told.P95 = at(waits, 0.5), at(waits, 0.95)
	return told
}

// broken counts whose call is over, by the reason.
func (c *crowd) broken() map[string]int {
	told := map[string]int{}
	for _, one := range c.people {
		if end := one.end.Load(); end != nil {
			told[*end]++
		}
	}
	return told
}

type counts struct {
	sent, late, wrong, overflown int64
	heard                        []int64
}

// count takes the numbers as they are now. What the kernel dropped for want of space was not heard.
func (c *crowd) count() counts {
	now := counts{sent: c.speech.talk.Load(), late: c.speech.late.Load(), overflown: overflown()}
	for _, one := range c.people {
		now.heard = append(now.heard, one.media.socket.received())
		now.wrong += one.media.wrong.Load()
	}
	return now
}

func (c *crowd) measure(window time.Duration) measured {
	before, begun := c.count(), time.Now()
	c.delays.begin()
	time.Sleep(window)
	c.delays.open.Store(false)
	after := c.count()
	told := measured{
		Seconds: time.Since(begun).Seconds(), Sent: after.sent - before.sent,
		Heard: before.overflown - after.overflown, LateSlots: after.late - before.late, Wrong: after.wrong - before.wrong,
		DelayP50: c.delays.percentile(0.5), DelayP95: c.delays.percentile(0.95),
		DelayP99: c.delays.percentile(0.99), DelayMax: c.delays.percentile(1), Broken: c.broken(),
	}
	for at, one := range c.people {
		heard := after.heard[at] - before.heard[at]
		told.Heard += heard
		if one.end.Load() != nil {
			continue
		}
		if heard == 0 {
			told.Silent++
		}
		if voices := one.media.socket.voices(); one.Exact || c.set.decrypts {
			if told.VoicesMost == 0 {
				told.VoicesLeast = voices
			}
			told.VoicesLeast, told.VoicesMost = min(told.VoicesLeast, voices), max(told.VoicesMost, voices)
		}
	}
	told.Standing = c.standing()
	told.Expected = told.Sent * int64(told.Standing-1)
	return told
}

// try lets one more person ask to join: "joined", or "code/subCode".
func (c *crowd) try(room string, who invited) string {
	opened, err := openAgent(c.dialer(), c.set.server, func(string) {})
	if err != nil {
		return err.Error()
	}
	defer opened.goodbye()
	if _, _, err := opened.enter(who.Token, "One more", room); err != nil {
		return err.Error()
	}
	return "joined"
}

func (c *crowd) leave() {
	close(c.left)
	var leaving sync.WaitGroup
	for _, one := range c.people {
		leaving.Go(one.leave)
	}
	leaving.Wait()
	c.speech.clear()
	c.people = nil
}

func at(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[int(share*float64(len(values)-1))]
}

// overflown is how many packets the machine has dropped because a socket's buffer was full.
func overflown() int64 {
	file, err := os.Open("/proc/net/snmp")
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	var names []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || fields[0] != "Udp:" {
			continue
		}
		if at := slices.Index(names, "RcvbufErrors"); at >= 0 {
			count, _ := strconv.ParseInt(fields[at], 10, 64)
			return count
		}
		names = fields
	}
	return 0
}
