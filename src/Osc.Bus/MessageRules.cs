using Osc.Flows;
using Osc.Model;

namespace Osc.Bus;

/// <summary>
/// What a message must be beyond its JSON shape. Each check gives null, or the first thing that is wrong with the field's path.
/// Flow texts themselves are parsed later, where they are used (<see cref="Updates"/>).
/// </summary>
internal static class MessageRules
{
    public static string? Check(AgentMessage message) =>
        Envelope(message.Protocol, message.Host, "hello, ack, refusal, ports, drift, traffic, renewal", message.Hello, message.Ack, message.Refusal, message.Ports, message.Drift, message.Traffic, message.Renewal)
        ?? Check(message.Hello)
        ?? Check(message.Ack)
        ?? Check(message.Refusal)
        ?? Check(message.Ports)
        ?? Check(message.Drift)
        ?? TrafficRules.Check(message.Traffic)
        ?? (message.Renewal is { } renewal ? Text("renewal.request", renewal.Request) : null);

    public static string? Check(ControllerMessage message) =>
        Envelope(message.Protocol, message.Host, "inquiry, delta, snapshot, trafficTaken, checkpoint, certificate", message.Inquiry, message.Delta, message.Snapshot, message.TrafficTaken, message.Checkpoint, message.Certificate)
        ?? (message.Inquiry is { } inquiry ? Text("inquiry.reason", inquiry.Reason) : null)
        ?? Check(message.Delta)
        ?? Check(message.Snapshot)
        ?? Check(message.Checkpoint)
        ?? (message.Certificate is { } certificate ? Text("certificate.certificate", certificate.Certificate) : null);

    private static string? Envelope(int protocol, string host, string allowed, params ReadOnlySpan<object?> parts)
    {
        if (protocol != BusProtocol.Version)
        {
            return $"protocol: {protocol} is not spoken here, {BusProtocol.Version} is";
        }

        if (!Name.TryParse(host, out _))
        {
            return $"host: '{Shorten(host)}' is not {Name.Allowed}";
        }

        var set = 0;
        foreach (var part in parts)
        {
            set += part is null ? 0 : 1;
        }

        return set == 1 ? null : $"a message has exactly one of {allowed}; this one has {set}";
    }

    private static string? Check(Hello? hello) => hello is null ? null
        : Text("hello.agentVersion", hello.AgentVersion)
        ?? Revision("hello.revision", hello.Revision)
        ?? Digest("hello.digest", hello.Digest)
        ?? Text("hello.switchVersion", hello.SwitchVersion ?? "")
        ?? Text("hello.problem", hello.Problem ?? "")
        ?? Text("hello.checkpoint", hello.Checkpoint ?? "")
        ?? Ports("hello.bridges", hello.Bridges, BusProtocol.MaxBridges)
        ?? HealthRules.Check(hello.Health);

    private static string? Check(Ack? ack) => ack is null ? null
        : Update("ack.update", ack.Update)
        ?? Revision("ack.revision", ack.Revision)
        ?? Digest("ack.digest", ack.Digest)
        ?? (ack.Flows >= 0 ? null : "ack.flows: below 0")
        ?? (ack.Milliseconds >= 0 ? null : "ack.milliseconds: below 0")
        ?? Ports("ack.unboundPorts", ack.UnboundPorts, BusProtocol.MaxNamed);

    private static string? Check(Refusal? refusal)
    {
        if (refusal is null)
        {
            return null;
        }

        var error = (refusal.Update.Length == 0 ? null : Update("refusal.update", refusal.Update))
            ?? Revision("refusal.revision", refusal.Revision)
            ?? Text("refusal.detail", refusal.Detail)
            ?? Count("refusal.flows", refusal.Flows, BusProtocol.MaxNamed);
        for (var i = 0; error is null && i < refusal.Flows.Count; i++)
        {
            var flow = refusal.Flows[i];
            error = flow is null ? $"refusal.flows[{i}]: null"
                : PortName($"refusal.flows[{i}].bridge", flow.Bridge)
                ?? FlowTextLength($"refusal.flows[{i}].flow", flow.Flow)
                ?? Text($"refusal.flows[{i}].error", flow.Error);
        }

        return error;
    }

    private static string? Check(PortReport? report)
    {
        if (report is null)
        {
            return null;
        }

        var error = Ports("ports.unboundPorts", report.UnboundPorts, BusProtocol.MaxNamed)
            ?? Count("ports.warnings", report.Warnings, BusProtocol.MaxNamed)
            ?? Count("ports.bridges", report.Bridges, BusProtocol.MaxBridges);
        for (var i = 0; error is null && i < report.Warnings.Count; i++)
        {
            error = report.Warnings[i] is { } warning ? Text($"ports.warnings[{i}]", warning) : $"ports.warnings[{i}]: null";
        }

        var ports = 0;
        for (var i = 0; error is null && i < report.Bridges.Count; i++)
        {
            var bridge = report.Bridges[i];
            error = bridge is null ? $"ports.bridges[{i}]: null" : PortName($"ports.bridges[{i}].bridge", bridge.Bridge) ?? Check($"ports.bridges[{i}].ports", bridge.Ports);
            ports += bridge?.Ports.Count ?? 0;
        }

        return error ?? (ports <= BusProtocol.MaxPorts ? null : $"ports.bridges: {ports} ports are more than {BusProtocol.MaxPorts}");
    }

    private static string? Check(string path, IReadOnlyList<Port> ports)
    {
        string? error = null;
        for (var i = 0; error is null && i < ports.Count; i++)
        {
            var port = ports[i];
            error = port is null ? $"{path}[{i}]: null"
                : PortName($"{path}[{i}].name", port.Name)
                ?? Text($"{path}[{i}].ifaceId", port.IfaceId ?? "")
                ?? Text($"{path}[{i}].xsVifUuid", port.XsVifUuid ?? "")
                ?? Text($"{path}[{i}].attachedMac", port.AttachedMac ?? "")
                ?? Text($"{path}[{i}].vif.mac", port.Vif?.Mac ?? "")
                ?? Text($"{path}[{i}].vif.guest", port.Vif?.Guest ?? "");
        }

        return error;
    }

    private static string? Check(DriftReport? drift)
    {
        if (drift is null)
        {
            return null;
        }

        var error = PortName("drift.bridge", drift.Bridge)
            ?? (drift is { Missing: >= 0, Changed: >= 0, Unwanted: >= 0, Unreported: >= 0 } ? null : "drift: a count is below 0")
            ?? (drift.Milliseconds >= 0 ? null : "drift.milliseconds: below 0")
            ?? Count("drift.flows", drift.Flows, BusProtocol.MaxDriftedFlows);
        for (var i = 0; error is null && i < drift.Flows.Count; i++)
        {
            error = drift.Flows[i] is not { } flow ? $"drift.flows[{i}]: null"
                : Text($"drift.flows[{i}].wanted", flow.Wanted ?? "") ?? Text($"drift.flows[{i}].found", flow.Found ?? "");
        }

        return error;
    }

    private static string? Check(AuditCheckpoint? checkpoint)
    {
        if (checkpoint is null)
        {
            return null;
        }

        var error = Text("checkpoint.note", checkpoint.Note)
            ?? (checkpoint.From >= 0 ? null : "checkpoint.from: below 0")
            ?? Count("checkpoint.proof", checkpoint.Proof, BusProtocol.MaxProofHashes);
        for (var i = 0; error is null && i < checkpoint.Proof.Count; i++)
        {
            error = checkpoint.Proof[i] is { } hash ? Text($"checkpoint.proof[{i}]", hash) : $"checkpoint.proof[{i}]: null";
        }

        return error;
    }

    private static string? Check(DeltaUpdate? delta)
    {
        if (delta is null)
        {
            return null;
        }

        var error = Update("delta.update", delta.Update)
            ?? Revision("delta.from", delta.From)
            ?? Digest("delta.fromDigest", delta.FromDigest)
            ?? Revision("delta.to", delta.To)
            ?? Digest("delta.toDigest", delta.ToDigest)
            ?? Count("delta.bridges", delta.Bridges, BusProtocol.MaxBridges);
        var flows = 0;
        for (var i = 0; error is null && i < delta.Bridges.Count; i++)
        {
            var bridge = delta.Bridges[i];
            error = bridge is null ? $"delta.bridges[{i}]: null"
                : PortName($"delta.bridges[{i}].bridge", bridge.Bridge)
                ?? FlowTexts($"delta.bridges[{i}].remove", bridge.Remove, ref flows)
                ?? FlowTexts($"delta.bridges[{i}].add", bridge.Add, ref flows);
        }

        return error;
    }

    private static string? Check(SnapshotChunk? chunk)
    {
        if (chunk is null)
        {
            return null;
        }

        var error = Update("snapshot.update", chunk.Update)
            ?? Revision("snapshot.revision", chunk.Revision)
            ?? Digest("snapshot.digest", chunk.Digest)
            ?? (chunk.Count is >= 1 and <= BusProtocol.MaxChunks ? null : $"snapshot.count: {chunk.Count} is not 1 to {BusProtocol.MaxChunks}")
            ?? (chunk.Index >= 0 && chunk.Index < chunk.Count ? null : $"snapshot.index: {chunk.Index} is not 0 to {chunk.Count - 1}")
            ?? Count("snapshot.bridges", chunk.Bridges, BusProtocol.MaxBridges);
        var flows = 0;
        for (var i = 0; error is null && i < chunk.Bridges.Count; i++)
        {
            var bridge = chunk.Bridges[i];
            error = bridge is null ? $"snapshot.bridges[{i}]: null"
                : PortName($"snapshot.bridges[{i}].bridge", bridge.Bridge) ?? FlowTexts($"snapshot.bridges[{i}].flows", bridge.Flows, ref flows);
        }

        return error;
    }

    private static string? FlowTexts(string path, IReadOnlyList<string> flows, ref int total)
    {
        total += flows.Count;
        if (total > BusProtocol.MaxFlowsInMessage)
        {
            return $"{path}: more than {BusProtocol.MaxFlowsInMessage} flows in one message";
        }

        string? error = null;
        for (var i = 0; error is null && i < flows.Count; i++)
        {
            error = flows[i] is { } flow ? FlowTextLength($"{path}[{i}]", flow) : $"{path}[{i}]: null";
        }

        return error;
    }

    private static string? FlowTextLength(string path, string flow) =>
        flow.Length <= FlowTextParser.MaxLineLength ? null : $"{path}: a flow of {flow.Length} characters is too long";

    private static string? Ports(string path, IReadOnlyList<string> names, int max)
    {
        var error = Count(path, names, max);
        for (var i = 0; error is null && i < names.Count; i++)
        {
            error = PortName($"{path}[{i}]", names[i]);
        }

        return error;
    }

    private static string? PortName(string path, string? name) =>
        Model.PortName.TryParse(name, out _) ? null : $"{path}: '{Shorten(name)}' is not {Model.PortName.Allowed}";

    internal static string? Count<T>(string path, IReadOnlyList<T> list, int max) =>
        list.Count <= max ? null : $"{path}: {list.Count} entries are more than {max}";

    private static string? Update(string path, string id) =>
        id.Length is >= 1 and <= BusProtocol.MaxUpdateId ? null : $"{path}: an id has 1 to {BusProtocol.MaxUpdateId} characters, this one {id.Length}";

    private static string? Revision(string path, long revision) => revision >= 0 ? null : $"{path}: {revision} is below 0";

    private static string? Digest(string path, string digest) =>
        digest.Length == 32 && digest.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0 ? null : $"{path}: '{Shorten(digest)}' is not 32 lower-case hexadecimal digits";

    internal static string? Text(string path, string text) =>
        text.Length <= BusProtocol.MaxDetail ? null : $"{path}: {text.Length} characters are more than {BusProtocol.MaxDetail}";

    private static string Shorten(string? text) => text is null ? "null" : text.Length <= 80 ? text : text[..80] + "...";
}
