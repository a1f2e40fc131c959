package main

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// As sdk/calling/src/media/connection.ts has it.
var retries = []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond,
	700 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second}

const patience = 120 * time.Second

// person is one participant: an agent, unless the engine is alone, and media.
type person struct {
	invited
	index  int
	dialer *websocket.Dialer
	began  atomic.Int64
	agent  atomic.Pointer[agent]
	media  *media
	tries  atomic.Int64           // how often he was told to come back
	end    atomic.Pointer[string] // why it is over for him
}

func (p *person) stop(reason string) {
	p.end.CompareAndSwap(nil, &reason)
}

// join takes all steps from nothing to a connection of media that is being made.
func (p *person) join(c *crowd, room string) {
	p.began.Store(time.Now().UnixNano())
	base, ticket := c.set.engine, p.Token
	if c.set.server != "" {
		path, got, err := p.enter(c, room)
		if err != nil {
			p.stop(err.Error())
			return
		}
		base, ticket = c.set.server+path, got
	}
	p.connect(base, ticket)
}

// connect tries again for as long as the browser SDK does not give up: nobody says no, but not now.
func (p *person) connect(base, ticket string) {
	first, err := p.media.describe()
	for try := 0; err == nil; try++ {
		var opened *line
		opened, err = openLine(p.dialer, base, ticket, first)
		if err == nil {
			p.media.follow(opened)
			return
		}
		if !isForNow(err) || time.Since(time.Unix(0, p.began.Load())) > patience {
			break
		}
		p.tries.Add(1)
		err = nil
		step := retries[min(try, len(retries)-1)]
		time.Sleep(step/2 + rand.N(step))
	}
	p.stop(err.Error())
}

func (p *person) enter(c *crowd, room string) (path, ticket string, err error) {
	opened, err := openAgent(p.dialer, c.set.server, p.stop)
	if err != nil {
		return "", "", err
	}
	p.agent.Store(opened)
	return opened.enter(p.Token, "Somebody", room)
}

// hears tells when he first heard somebody; 0: he has not.
func (p *person) hears() int64 {
	return p.media.socket.first.Load()
}

// knows tells since when he knows of so many others; 0: he does not.
func (p *person) knows(others int) int64 {
	if his := p.agent.Load(); his != nil && his.others.Load() >= int64(others) {
		return his.toldAt.Load()
	}
	return 0
}

func (p *person) farewell() farewell {
	told := farewell{Heard: p.media.socket.last.Load()}
	if end := p.end.Load(); end != nil {
		told.End = *end
	}
	return told
}

func (p *person) leave() {
	if his := p.agent.Load(); his != nil {
		his.goodbye()
	}
	p.media.close()
}
