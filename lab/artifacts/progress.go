package artifacts

import (
	"fmt"
	"io"
	"time"
)

// progress tells whoever waits what is being built and what that cost.
type progress struct {
	out    io.Writer
	number int
	total  int
}

func (p *progress) next() { p.number++ }

func (p *progress) say(title, format string, args ...any) {
	fmt.Fprintf(p.out, "[%d/%d] %s … %s\n", p.number, p.total, title, fmt.Sprintf(format, args...))
}

// since is the time that passed, as precise as a reader wants it.
func since(start time.Time) time.Duration {
	d := time.Since(start)
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}
