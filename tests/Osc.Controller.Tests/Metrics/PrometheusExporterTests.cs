using System.Diagnostics.Metrics;
using Osc.Controller.Metrics;
using Xunit;

namespace Osc.Controller.Tests.Metrics;

/// <summary>The text format as Prometheus describes it under "Exposition formats", version 0.0.4.</summary>
public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter meter = new("test");
    private readonly PrometheusExporter exporter;

    public PrometheusExporterTests() => exporter = new(meter);

    public void Dispose()
    {
        exporter.Dispose();
        meter.Dispose();
    }

    [Fact]
    public void Nothing_measured_is_nothing_printed()
    {
        meter.CreateCounter<long>("unused_total");
        Assert.Equal("", exporter.Print());
    }

    [Fact]
    public void Counter_adds_up_for_each_set_of_labels()
    {
        var counter = meter.CreateCounter<long>("osc_things_total", null, "Things.");
        counter.Add(1);
        counter.Add(2, KeyValuePair.Create<string, object?>("form", "delta"));
        counter.Add(3, KeyValuePair.Create<string, object?>("form", "delta"));
        counter.Add(1, KeyValuePair.Create<string, object?>("form", "snapshot"), KeyValuePair.Create<string, object?>("status", 200));
        AssertPrints("""
            # HELP osc_things_total Things.
            # TYPE osc_things_total counter
            osc_things_total 1
            osc_things_total{form="delta"} 5
            osc_things_total{form="snapshot",status="200"} 1

            """);
    }

    [Fact]
    public void Gauge_shows_what_is_now_and_labels_that_are_gone_go()
    {
        IEnumerable<Measurement<long>> now = [new(1, KeyValuePair.Create<string, object?>("state", "sent")), new(4, KeyValuePair.Create<string, object?>("state", "silent"))];
        meter.CreateObservableGauge("osc_hosts", () => now, null, "Hosts.");
        AssertPrints("# HELP osc_hosts Hosts.\n# TYPE osc_hosts gauge\nosc_hosts{state=\"sent\"} 1\nosc_hosts{state=\"silent\"} 4\n");
        now = [new(2, KeyValuePair.Create<string, object?>("state", "sent"))];
        AssertPrints("# HELP osc_hosts Hosts.\n# TYPE osc_hosts gauge\nosc_hosts{state=\"sent\"} 2\n");
    }

    [Fact]
    public void Histogram_cumulates_its_buckets_and_counts_a_bound_to_its_own()
    {
        var histogram = meter.CreateHistogram<double>("osc_seconds", null, "Seconds.");
        foreach (var seconds in new[] { 0.001, 0.002, 0.75, 60.0, 90.5 })
        {
            histogram.Record(seconds, KeyValuePair.Create<string, object?>("route", "/hosts"));
        }

        AssertPrints("""
            # HELP osc_seconds Seconds.
            # TYPE osc_seconds histogram
            osc_seconds_bucket{route="/hosts",le="0.001"} 1
            osc_seconds_bucket{route="/hosts",le="0.0025"} 2
            osc_seconds_bucket{route="/hosts",le="0.005"} 2
            osc_seconds_bucket{route="/hosts",le="0.01"} 2
            osc_seconds_bucket{route="/hosts",le="0.025"} 2
            osc_seconds_bucket{route="/hosts",le="0.05"} 2
            osc_seconds_bucket{route="/hosts",le="0.1"} 2
            osc_seconds_bucket{route="/hosts",le="0.25"} 2
            osc_seconds_bucket{route="/hosts",le="0.5"} 2
            osc_seconds_bucket{route="/hosts",le="1"} 3
            osc_seconds_bucket{route="/hosts",le="2.5"} 3
            osc_seconds_bucket{route="/hosts",le="5"} 3
            osc_seconds_bucket{route="/hosts",le="10"} 3
            osc_seconds_bucket{route="/hosts",le="30"} 3
            osc_seconds_bucket{route="/hosts",le="60"} 4
            osc_seconds_bucket{route="/hosts",le="+Inf"} 5
            osc_seconds_sum{route="/hosts"} 151.253
            osc_seconds_count{route="/hosts"} 5

            """);
    }

    [Fact]
    public void Labels_and_help_are_escaped()
    {
        meter.CreateCounter<long>("osc_odd_total", null, "Back\\slash and\nline.").Add(1, KeyValuePair.Create<string, object?>("path", "a\"b\\c\nd"));
        AssertPrints("# HELP osc_odd_total Back\\\\slash and\\nline.\n# TYPE osc_odd_total counter\nosc_odd_total{path=\"a\\\"b\\\\c\\nd\"} 1\n");
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(0.5, "0.5")]
    public void Value_is_written_as_Prometheus_reads_it(double value, string text)
    {
        meter.CreateObservableGauge("osc_value", () => value);
        AssertPrints($"# HELP osc_value \n# TYPE osc_value gauge\nosc_value {text}\n");
    }

    [Fact]
    public void Instruments_of_other_meters_are_left_out()
    {
        using var other = new Meter("test");
        other.CreateCounter<long>("osc_foreign_total").Add(1);
        Assert.Equal("", exporter.Print());
    }

    private void AssertPrints(string text) => Assert.Equal(text, exporter.Print());
}
