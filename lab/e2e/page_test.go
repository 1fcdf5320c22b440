//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pageTimeout bounds the time until the page shows something: a look at the machines of a busy computer takes half a minute.
const pageTimeout = 3 * time.Minute

// drawsTheCluster looks at the served page in a browser, while a worker loses its power and gets it back.
func drawsTheCluster(t *testing.T) {
	l := dev(t)
	serving := l.launch(t, `^http://`, "status", "--serve")
	serving.await(t)
	address := regexp.MustCompile(`http://\S+`).FindString(serving.output.String())
	b := openBrowser(t)
	b.do(t, "open the page", chromedp.Navigate(address))
	b.do(t, "see that workers are well", chromedp.WaitVisible("#machine-web-0.well"), chromedp.WaitVisible("#machine-web-1.well"))
	for _, want := range []string{"All is well", "10.20.128.0/17", "★ Consul: leader", "★ Swarm: leader", "fault domain 1", "nginx_test", "Open ports", "(from outside)"} {
		if text := b.text(t); !strings.Contains(text, want) {
			t.Errorf("the page doesn't say %q:\n%s", want, text)
		}
	}
	for _, width := range []int64{1280, 400} {
		b.do(t, fmt.Sprintf("look at %d pixels", width), chromedp.EmulateViewport(width, 900))
		if wide := look(t, b, "measure the page", chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); wide > width {
			t.Errorf("on a screen of %d pixels the page is %d wide", width, wide)
		}
	}

	l.breaks(t, "kill", "web-0")
	start := time.Now()
	b.do(t, "see that web-0 has failed", chromedp.WaitVisible("#machine-web-0.failed"))
	t.Logf("a worker without power shows after %.1f s", time.Since(start).Seconds())
	text := b.text(t) // not only in colour
	for _, want := range []string{"web-0 ✗ failed", "no answer", "Broken on purpose", "web-0 has no power"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page doesn't say %q:\n%s", want, text)
		}
	}
	l.run(t, "heal", "--all")
	l.awaitStatus(t, "power again", wellAgain) // which takes its time where other suites run
	b.do(t, "see that web-0 is back", chromedp.WaitVisible("#machine-web-0.well"))
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, said := range b.console {
		t.Errorf("the browser's console says: %s", said)
	}
}

// browser is a tab of one without a screen.
type browser struct {
	ctx     context.Context
	mutex   sync.Mutex
	console []string
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	// Chromium's own sandbox wants namespaces, which root in a container may not have; it shows this machine's own page only.
	ctx, closeAll := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)...)
	t.Cleanup(closeAll)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	b := &browser{ctx: ctx}
	// The browser lives as long as the context of the first call, which therefore has no bound.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	messages := chromedp.Console(ctx) // from here on, whatever is read when
	go func() {
		for message, err := range messages {
			if err != nil {
				return // the tab is closed
			}
			b.mutex.Lock()
			b.console = append(b.console, fmt.Sprint(message))
			b.mutex.Unlock()
		}
	}()
	return b
}

// do does something on the page, which must succeed in time.
func (b *browser) do(t *testing.T, what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	look(t, b, what, chromedp.Steps(steps...))
}

// look is what an action finds, which must succeed in time.
func look[T any](t *testing.T, b *browser, what string, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	found, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return found
}

// text is what the page says, in one line.
func (b *browser) text(t *testing.T) string {
	t.Helper()
	return strings.Join(strings.Fields(look(t, b, "read the page", chromedp.Text("body"))), " ")
}
