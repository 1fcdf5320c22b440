// Package scale tests the example's script.
package scale

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	prometheus := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result := map[string]string{
			"busy": `{"value": [1790000000, "901.5"]}`, "calm": `{"value": [1790000000, "0"]}`, "many": `{}, {}`, "none": ``,
		}[r.URL.Query().Get("query")]
		_, _ = w.Write([]byte(`{"status": "success", "data": {"result": [` + result + `]}}`))
	}))
	defer prometheus.Close()
	metric := []string{"PROMETHEUS=" + prometheus.URL, "PER_WORKER=200"}
	for name, test := range map[string]struct {
		environment []string
		want, fails string
	}{
		"somebody asks":              {[]string{"COUNT=4", "WHY=a sale"}, "count=4\nwhy=a sale\n", ""},
		"for too much":               {[]string{"COUNT=40", "WHY=a sale", "SCHEDULE=0 6"}, "count=8\nwhy=a sale, 8 at most\n", ""},
		"the day begins":             {append([]string{"SCHEDULE=0 6", "DAY=0 6", "NIGHT=0 19"}, metric...), "count=8\nwhy=the day begins (0 6 UTC)\n", ""},
		"the night begins":           {[]string{"SCHEDULE=0 19", "DAY=0 6", "NIGHT=0 19"}, "count=2\nwhy=the night begins (0 19 UTC)\n", ""},
		"the metric is high":         {append([]string{"SCHEDULE=*/20", "DAY=0 6", "QUERY=busy"}, metric...), "count=5\nwhy=busy is 901.5, at 200 for each worker\n", ""},
		"the metric is low":          {append([]string{"QUERY=calm"}, metric...), "count=2\nwhy=calm is 0, at 200 for each worker, 2 at least\n", ""},
		"the metric is several":      {append([]string{"QUERY=many"}, metric...), "", "'many' is no single number"},
		"the metric is none":         {append([]string{"QUERY=none"}, metric...), "", "'none' is no single number"},
		"nothing each":               {append([]string{"QUERY=busy"}, metric[0], "PER_WORKER=0"), "", "PER_WORKER is '0'"},
		"no such Prometheus":         {[]string{"QUERY=busy", "PROMETHEUS=http://127.0.0.1:1", "PER_WORKER=1"}, "", "Prometheus says"},
		"nobody says":                {nil, "", "nothing says how many"},
		"what is asked is a text":    {[]string{"COUNT=all"}, "", "COUNT is 'all': must be a number"},
		"the bounds are a mistake":   {[]string{"COUNT=4", "MIN=9"}, "", "MIN is 9, more than MAX, 8"},
		"a reason has several lines": {[]string{"COUNT=4", "WHY=a\nb=c"}, "count=4\nwhy=a b=c\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			script := exec.Command("./count.sh")
			script.Env = append(os.Environ(), append([]string{"MIN=2", "MAX=8"}, test.environment...)...)
			var stderr strings.Builder
			script.Stderr = &stderr
			output, err := script.Output()
			if string(output) != test.want || (err != nil) != (test.fails != "") || !strings.Contains(stderr.String(), test.fails) {
				t.Errorf("%v, printed %q and %q; want %q and %q", err, output, stderr.String(), test.want, test.fails)
			}
		})
	}
}
