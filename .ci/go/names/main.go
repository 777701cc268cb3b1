// Translates the names of OTLP metrics as Prometheus does. Reads `name|kind|unit` from each line, and writes the name by the
// default strategy and the one that keeps the dots.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/prometheus/otlptranslator"
)

var kinds = map[string]otlptranslator.MetricType{
	"counter":   otlptranslator.MetricTypeMonotonicCounter,
	"gauge":     otlptranslator.MetricTypeGauge,
	"histogram": otlptranslator.MetricTypeHistogram,
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "|")
		metric := otlptranslator.Metric{Name: fields[0], Type: kinds[fields[1]], Unit: fields[2]}
		names := []string{}
		for _, strategy := range []otlptranslator.TranslationStrategyOption{otlptranslator.UnderscoreEscapingWithSuffixes, otlptranslator.NoUTF8EscapingWithSuffixes} {
			namer := otlptranslator.NewMetricNamer("", strategy)
			name, err := namer.Build(metric)
			if err != nil {
				log.Fatal(err)
			}
			names = append(names, name)
		}
		fmt.Println(strings.Join(names, "|"))
	}
}
