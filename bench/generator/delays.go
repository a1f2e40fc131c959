package main

import (
	"sync/atomic"
	"time"
)

const (
	steps     = 8_000
	stepWidth = 500 * time.Microsecond
)

// delays counts in steps how late packets came, while it is open.
type delays struct {
	open  atomic.Bool
	count [steps]atomic.Int64
}

func (d *delays) note(late time.Duration) {
	if d.open.Load() {
		d.count[min(int(late/stepWidth), steps-1)].Add(1)
	}
}

func (d *delays) begin() {
	for at := range d.count {
		d.count[at].Store(0)
	}
	d.open.Store(true)
}

// percentile is in milliseconds, the upper end of its step.
func (d *delays) percentile(share float64) float64 {
	var all, seen int64
	for at := range d.count {
		all += d.count[at].Load()
	}
	for at := range d.count {
		seen += d.count[at].Load()
		if all > 0 && float64(seen) >= share*float64(all) {
			return float64(time.Duration(at+1)*stepWidth) / float64(time.Millisecond)
		}
	}
	return 0
}
