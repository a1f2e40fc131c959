package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// A client asks for a sign of life when it has heard nothing for so long (docs/agent-socket.md).
const silence = 15 * time.Second

// agent is one agent socket: it joins, and keeps the roster as it is told.
type agent struct {
	socket *websocket.Conn
	mutex  sync.Mutex // of writing, and of what follows
	last   int
	own    string
	legs   map[string]string
	others atomic.Int64 // how many others are connected, as told
	toldAt atomic.Int64 // when that changed last, in Unix nanoseconds
	waits  map[int]chan answer
	call   string
	onEnd  func(reason string)
}

type leg struct {
	ParticipantID string `json:"participantId"`
	State         string `json:"state"`
}

// answer is what a message of the server can hold, as far as it is used here.
type answer struct {
	ID    int    `json:"id"`
	Event string `json:"event"`
	Error *struct {
		Code    int `json:"code"`
		SubCode int `json:"subCode"`
	} `json:"error"`
	OK struct {
		Call struct {
			CallID string `json:"callId"`
		} `json:"call"`
		Leg   leg   `json:"leg"`
		Legs  []leg `json:"legs"`
		Media struct {
			Path   string `json:"path"`
			Ticket string `json:"ticket"`
		} `json:"media"`
	} `json:"ok"`
	Changed []leg    `json:"changed"`
	Removed []string `json:"removed"`
	Code    int      `json:"code"`
	SubCode int      `json:"subCode"`
}

// refusal is an error that the server answered with, as "code/subCode".
type refusal string

func (r refusal) Error() string { return string(r) }

func openAgent(dialer *websocket.Dialer, server string, onEnd func(string)) (*agent, error) {
	socket, response, err := dialer.Dial(server+"/calling/v1/agent", http.Header{})
	if err != nil {
		return nil, shutOut("agent socket", response, err)
	}
	a := &agent{socket: socket, legs: map[string]string{}, waits: map[int]chan answer{}, onEnd: onEnd}
	go a.read()
	return a, nil
}

// enter says hello and joins: the path of the media gate, and the ticket for it.
func (a *agent) enter(token, name, room string) (path, ticket string, err error) {
	if _, err = a.ask("hello", map[string]any{"version": 1, "token": token, "displayName": name}); err != nil {
		return "", "", err
	}
	told, err := a.ask("join", map[string]any{"roomId": room, "joinId": uuid.NewString()})
	if err != nil {
		return "", "", err
	}
	return told.OK.Media.Path, told.OK.Media.Ticket, nil
}

func (a *agent) ask(op string, fields map[string]any) (answer, error) {
	coming := make(chan answer, 1)
	fields["op"] = op
	a.mutex.Lock()
	a.last++
	fields["id"] = a.last
	a.waits[a.last] = coming
	err := a.socket.WriteJSON(fields)
	a.mutex.Unlock()
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", op, err)
	}
	select {
	case told := <-coming:
		if told.Error != nil {
			return told, refusal(fmt.Sprintf("%d/%d", told.Error.Code, told.Error.SubCode))
		}
		return told, nil
	case <-time.After(30 * time.Second):
		return answer{}, fmt.Errorf("%s: no answer within 30 s", op)
	}
}

func (a *agent) read() {
	alive := time.AfterFunc(silence, func() { _, _ = a.ask("ping", map[string]any{}) })
	defer alive.Stop()
	for {
		_, text, err := a.socket.ReadMessage()
		if err != nil {
			a.onEnd(closed("agent socket", err))
			return
		}
		alive.Reset(silence)
		var told answer
		if err := json.Unmarshal(text, &told); err != nil {
			a.onEnd("agent socket: no JSON")
			return
		}
		a.hear(told)
	}
}

func (a *agent) hear(told answer) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	switch {
	case told.Event == "legsChanged":
		a.note(told.Changed, told.Removed)
	case told.Event == "ended":
		go a.onEnd(fmt.Sprintf("%d/%d", told.Code, told.SubCode))
	case told.Event == "":
		if told.OK.Leg.ParticipantID != "" {
			a.own, a.call = told.OK.Leg.ParticipantID, told.OK.Call.CallID
			a.note(told.OK.Legs, nil)
		}
		if coming, waits := a.waits[told.ID]; waits {
			delete(a.waits, told.ID)
			coming <- told
		}
	}
}

func (a *agent) note(changed []leg, removed []string) {
	for _, one := range changed {
		if one.ParticipantID != a.own {
			a.legs[one.ParticipantID] = one.State
		}
	}
	for _, id := range removed {
		delete(a.legs, id)
	}
	connected := int64(0)
	for _, state := range a.legs {
		if state == "connected" {
			connected++
		}
	}
	if a.others.Swap(connected) != connected {
		a.toldAt.Store(time.Now().UnixNano())
	}
}

func (a *agent) goodbye() {
	_, _ = a.ask("goodbye", map[string]any{})
	_ = a.socket.Close()
}
