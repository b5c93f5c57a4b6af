using System.Globalization;
using Osc.Lab;
using Osc.Model;

namespace Osc.DriverDomain;

/// <summary>
/// A workload behind the driver domain's switch: a guest of Xen, or the network namespace beside them. Its addresses are those of the documents.
/// </summary>
/// <param name="Number">The last part of its addresses.</param>
/// <param name="Port">Takes its commands.</param>
/// <param name="Prefix">What goes before a command so that the workload runs it.</param>
internal sealed record Guest(string Name, int Number, CommandPort Port, string Prefix = "")
{
    public IReadOnlyList<IpAddress> Addresses { get; } =
        [IpAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"10.9.0.{Number}")), IpAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd00:9::{Number}"))];

    /// <summary>Asks all questions at the same time ("tcp/10.9.0.2/80").</summary>
    /// <param name="seconds">How long silence is waited out.</param>
    /// <returns>For each what it met: answered, refused or silent.</returns>
    public async Task<IReadOnlyList<string>> AskAsync(IReadOnlyList<string> questions, int seconds, CancellationToken cancellation)
    {
        var answers = (await Port.RunAsync(string.Create(CultureInfo.InvariantCulture, $"{Prefix}probe ask {seconds} {string.Join(' ', questions)}"), cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return answers.Length == questions.Count
            ? [.. answers.Zip(questions, (answer, question) => answer.StartsWith(question + " ", StringComparison.Ordinal) ? answer[(question.Length + 1)..].Trim() : throw new LabException($"{Name}: {answer}"))]
            : throw new LabException($"{Name}: {answers.Length} answers to {questions.Count} questions");
    }

    /// <summary>From whom datagrams arrived, and at which port, since <see cref="ForgetAsync"/>: "53 10.9.0.1".</summary>
    public async Task<IReadOnlySet<string>> HeardAsync(CancellationToken cancellation) =>
        (await Port.RunAsync("sort -u /tmp/heard", cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Trim().Replace("heard ", "", StringComparison.Ordinal).Replace("::ffff:", "", StringComparison.Ordinal)).ToHashSet();

    /// <summary>Forgets what was heard.</summary>
    public Task ForgetAsync(CancellationToken cancellation) => Port.RunAsync(": >/tmp/heard", cancellation);

    /// <summary>Sends numbered datagrams until <see cref="StopStreamAsync"/>.</summary>
    public Task StartStreamAsync(IpAddress to, int port, int packetsPerSecond, CancellationToken cancellation) =>
        Port.RunAsync(string.Create(CultureInfo.InvariantCulture, $"{Prefix}probe stream {to} {port} {packetsPerSecond} >/tmp/stream 2>&1 & echo $! >/tmp/stream.pid"), cancellation);

    /// <returns>How many were sent, how many answered, and the longest time between two answers in milliseconds.</returns>
    public async Task<(int Sent, int Answered, int GapMilliseconds)> StopStreamAsync(CancellationToken cancellation)
    {
        var line = await Port.RunAsync("kill -TERM $(cat /tmp/stream.pid); while kill -0 $(cat /tmp/stream.pid) 2>/dev/null; do sleep 0.1; done; cat /tmp/stream", cancellation);
        return line.Trim().Split(' ') is ["sent", var sent, "answered", var answered, "gap", var gap]
            ? (Number(sent), Number(answered), Number(gap))
            : throw new LabException($"{Name}: the stream says '{line.Trim()}'");

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }
}
