package main

import (
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// person is one participant: an agent, unless the engine is alone, and media.
type person struct {
	invited
	index  int
	dialer *websocket.Dialer
	began  atomic.Int64
	agent  atomic.Pointer[agent]
	media  *media
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
	if err := p.media.connect(p.dialer, base, ticket); err != nil {
		p.stop(err.Error())
	}
}

func (p *person) enter(c *crowd, room string) (path, ticket string, err error) {
	opened, err := openAgent(p.dialer, c.set.server, len(c.people)-1, p.stop)
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

// knows tells when he knew of everybody else; 0: he does not.
func (p *person) knows() int64 {
	if his := p.agent.Load(); his != nil {
		return his.full.Load()
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
