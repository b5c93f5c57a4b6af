namespace Osc.Bus;

/// <summary>What an <see cref="AgentHealth"/> must be beyond its JSON shape; null, or the first thing that is wrong with the field's path.</summary>
internal static class HealthRules
{
    private const int MaxHeartbeatSeconds = 86_400;

    private const int MaxWord = 64;

    private const string Allowed = "a word of lower-case letters, digits and '-'";

    public static string? Check(AgentHealth? health)
    {
        if (health is null)
        {
            return null;
        }

        var error = Word("hello.health.state", health.State)
            ?? (health.HeartbeatSeconds is >= 1 and <= MaxHeartbeatSeconds ? null : $"hello.health.heartbeatSeconds: {health.HeartbeatSeconds} is not 1 to {MaxHeartbeatSeconds}")
            ?? (health.Flows >= 0 ? null : "hello.health.flows: below 0")
            ?? (health.Ports >= 0 ? null : "hello.health.ports: below 0")
            ?? MessageRules.Count("hello.health.faults", health.Faults, BusProtocol.MaxNamed)
            ?? MessageRules.Count("hello.health.datapaths", health.Datapaths, BusProtocol.MaxBridges);
        for (var i = 0; error is null && i < health.Faults.Count; i++)
        {
            error = Check($"hello.health.faults[{i}]", health.Faults[i]);
        }

        for (var i = 0; error is null && i < health.Datapaths.Count; i++)
        {
            error = Check($"hello.health.datapaths[{i}]", health.Datapaths[i]);
        }

        return error;
    }

    private static string? Check(string path, Fault? fault) => fault is null ? $"{path}: null"
        : Word($"{path}.kind", fault.Kind)
        ?? MessageRules.Text($"{path}.subject", fault.Subject)
        ?? MessageRules.Text($"{path}.detail", fault.Detail);

    private static string? Check(string path, DatapathCounts? counts) => counts is null ? $"{path}: null"
        : MessageRules.Text($"{path}.name", counts.Name)
        ?? (counts is { Hit: >= 0, Missed: >= 0, Lost: >= 0 } ? null : $"{path}: a count is below 0");

    /// <summary>Words become labels of metrics and values of filters.</summary>
    private static string? Word(string path, string word) =>
        word.Length is >= 1 and <= MaxWord && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? null : $"{path}: it is not {Allowed}, 1 to {MaxWord} characters long";
}
