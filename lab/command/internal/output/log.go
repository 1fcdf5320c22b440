package output

import "bytes"

// Log shows messages to the user at the resource they belong to.
type Log interface {
	// Status shows a line while the operation runs; it does not stay.
	Status(text string)
	// Warning shows a lasting warning.
	Warning(text string)
	// Error shows a lasting error; it does not fail the operation by itself.
	Error(text string)
}

// longestLine is where a line is cut in two to be shown.
const longestLine = 64 << 10

// lines cuts a stream into lines.
type lines struct {
	show func(string)
	rest []byte
}

func (l *lines) add(p []byte) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		switch {
		case end >= 0 && end <= longestLine:
			l.show(string(bytes.TrimSuffix(l.rest[:end], []byte("\r"))))
			l.rest = l.rest[end+1:]
		case len(l.rest) > longestLine:
			l.show(string(l.rest[:longestLine]))
			l.rest = l.rest[longestLine:]
		default:
			return
		}
	}
}

// flush shows a last line that did not end in a newline.
func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.show(string(l.rest))
		l.rest = nil
	}
}
