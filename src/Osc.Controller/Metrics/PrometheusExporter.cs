using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Osc.Controller.Metrics;

/// <summary>
/// Collects the instruments of one meter and prints them in Prometheus' text format 0.0.4. Counters, observable counters and gauges, and
/// histograms over fixed buckets; nothing else is needed here.
/// </summary>
public sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Upper bounds of histogram buckets, in seconds.</summary>
    private static readonly double[] Buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly MeterListener listener = new();

    /// <summary>Held by who prints: what is observed is of one print.</summary>
    private readonly Lock printing = new();

    /// <summary>Held for a moment by whoever records.</summary>
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Family> families = new(StringComparer.Ordinal);

    public PrometheusExporter(Meter meter)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
    }

    public string Print()
    {
        lock (printing)
        {
            lock (gate)
            {
                // What is observed shows what is now: a label that is not reported any more must go.
                foreach (var family in families.Values.Where(f => f.IsObserved))
                {
                    family.Series.Clear();
                }
            }

            // To look may take a while, and no request that counts itself waits for that.
            listener.RecordObservableInstruments();
            lock (gate)
            {
                return Text();
            }
        }
    }

    public void Dispose() => listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelsOf(tags);
        lock (gate)
        {
            var name = instrument.Name.Replace('.', '_');
            if (!families.TryGetValue(name, out var family))
            {
                var type = instrument switch
                {
                    Histogram<double> => "histogram",
                    ObservableGauge<long> or ObservableGauge<double> => "gauge",
                    _ => "counter",
                };
                families[name] = family = new(type, instrument.Description ?? "", instrument.IsObservable);
            }

            if (!family.Series.TryGetValue(labels, out var series))
            {
                family.Series[labels] = series = new(family.Type == "histogram" ? new long[Buckets.Length] : null);
            }

            series.Add(value, isTotal: family.IsObserved);
        }
    }

    private string Text()
    {
        var text = new StringBuilder();
        foreach (var (name, family) in families)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(family.Help)}\n# TYPE {name} {family.Type}\n");
            foreach (var (labels, series) in family.Series)
            {
                series.Print(text, name, labels);
            }
        }

        return text.ToString();
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Append(labels.Length > 0 ? "," : "").Append(key).Append("=\"").Append(Escape(text).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>A value as Go's ParseFloat reads it.</summary>
    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString(CultureInfo.InvariantCulture);

    /// <param name="IsObserved">Whether its values are asked for when they are printed.</param>
    private sealed record Family(string Type, string Help, bool IsObserved)
    {
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    /// <param name="buckets">Counts of a histogram, not yet cumulated; null for single values.</param>
    private sealed class Series(long[]? buckets)
    {
        private double sum;
        private long count;

        public void Add(double value, bool isTotal)
        {
            sum = isTotal ? value : sum + value;
            count++;
            if (buckets is not null && Array.FindIndex(Buckets, b => value <= b) is >= 0 and var bucket)
            {
                buckets[bucket]++;
            }
        }

        public void Print(StringBuilder text, string name, string labels)
        {
            var braces = labels.Length > 0 ? $"{{{labels}}}" : "";
            if (buckets is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{braces} {Number(sum)}\n");
                return;
            }

            var prefix = labels.Length > 0 ? labels + "," : "";
            var below = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                below += buckets[i];
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{prefix}le=\"{Buckets[i]}\"}} {below}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{prefix}le=\"+Inf\"}} {count}\n{name}_sum{braces} {Number(sum)}\n{name}_count{braces} {count}\n");
        }
    }
}
