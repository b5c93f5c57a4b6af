using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Lab.RabbitMq;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.DriverDomain;

/// <summary>
/// Broker and controller on this machine, the agent in a driver domain of a real Xen: a policy is applied, guests come, the policy
/// changes, a guest is destroyed and made anew, pretends to be another. Real packets say each time whether the switch does what the documents mean.
/// </summary>
internal sealed class Story(LabSpace space, TextWriter output)
{
    private const int StreamPort = 53;
    private const int PacketsPerSecond = 20;

    private static readonly string Repository = PolicySet.Repository;
    private static readonly string Documents = Path.Combine(Repository, "integration", "xen", "documents");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private bool agreed = true;

    /// <returns>Whether everything was as it should be.</returns>
    public async Task<bool> TellAsync(CancellationToken cancellation)
    {
        var files = await MachineFiles.MakeAsync(cancellation);
        await files.PackAsync(
            new Dictionary<string, string>
            {
                ["usr/bin/osc-agent"] = Path.GetFullPath(new FileInfo(Path.Combine(Repository, "bin", "osc-agent")).ResolveLinkTarget(returnFinalTarget: true)?.FullName
                    ?? throw new LabException("bin/osc-agent is missing: make build")),
                ["etc/xen/scripts/vif-osc"] = Path.Combine(Repository, "src", "Osc.Agent", "xen", "vif-osc"),
            },
            cancellation);
        Say($"the machine's disks are there: {Mebibytes(files.Boot + "/root.img")} MiB root disk, agent {Mebibytes(Path.Combine(Repository, "bin", "osc-agent"))} MiB");

        var broker = await RabbitMqBroker.StartAsync(space, "rabbit");
        await using var orchestrator = await Orchestrator.StartAsync("osc-controller", space, new JsonObject { ["broker"] = new JsonObject { ["url"] = broker.Uri.ToString() } }, cancellation);
        Say($"outside: RabbitMQ {broker.Version}, osc-controller at {orchestrator.Server}");
        await using var machine = await StartAsync(files, broker.Uri, cancellation);
        Say(Line("in dom0", await machine["dom0"].RunAsync("xl info | grep -E 'xen_version|total_memory'", cancellation)));
        Say(Line("in the driver domain", await machine["dd"].RunAsync("ovs-vswitchd --version | head -n 1; uname -r; xenstore-read domid", cancellation)));
        var scene = new Scene(
            machine, orchestrator, new(machine["dd"]), new(machine["dom0"]),
            new("g1", 1, machine["g1"]), new("g2", 2, machine["g2"]), new("stay", 3, machine["dd"], "ip netns exec stay "));
        await ActAsync(scene, cancellation);
        return agreed;
    }

    private async Task ActAsync(Scene scene, CancellationToken cancellation)
    {
        var (before, after) = (Read("before"), Read("after"));
        var services = ProbePlan.Services(before).Union(ProbePlan.Services(after)).Order().ToArray();
        Guest[] all = [scene.G1, scene.G2, scene.Stay];

        await ApplyAsync(scene, "inventory.yaml", waits: false, cancellation);
        await ApplyAsync(scene, "before.yaml", waits: false, cancellation);
        Say($"{(await scene.Agent.InstallAsync(cancellation)).Trim()} is in the driver domain");
        Say(Line("it starts", await scene.Agent.StartAsync(cancellation)));
        await TimeAsync("the host enforces", () => UntilAsync(scene, h => State(h) == "enforcing", cancellation));
        await SayMemoryAsync(scene, "no guest yet", cancellation);

        foreach (var guest in new[] { scene.G1, scene.G2 })
        {
            await CreateAsync(scene, guest, isEnforced: true, cancellation);
        }

        Say(Line("xl list", await scene.Toolstack.ListAsync(cancellation)));
        await TryAsync("the policy as applied", all, services, GuestMatrix.MeaningOf(before), cancellation);

        await scene.G1.StartStreamAsync(scene.Stay.Addresses[0], StreamPort, PacketsPerSecond, cancellation);
        Say($"g1 sends {PacketsPerSecond} permitted packets a second to stay from now on");
        await ApplyAsync(scene, "after.yaml", waits: true, cancellation);
        await TryAsync("the policy changed", all, services, GuestMatrix.MeaningOf(after), cancellation);

        await RecreateWithoutAgentAsync(scene, all, services, after, cancellation);
        await TimeAsync("g2 destroyed, its port is gone", async () =>
        {
            await scene.Toolstack.DestroyAsync(scene.G2, cancellation);
            await UntilAsync(scene, h => PortOf(h, scene.G2) is null, cancellation);
        });
        await CreateAsync(scene, scene.G2, isEnforced: true, cancellation);
        await TryAsync("g2 made anew under the agent", all, services, GuestMatrix.MeaningOf(after), cancellation);
        await PretendAsync(scene, all, services, after, cancellation);

        var (sent, answered, gap) = await scene.G1.StopStreamAsync(cancellation);
        Check($"g1's stream to stay through all that: {sent} packets sent, {sent - answered} lost, longest gap {gap} ms", sent == answered && sent > 0);
        await SayMemoryAsync(scene, "at the end", cancellation);
        var host = await HostAsync(scene, cancellation);
        Check(Line("the host's warnings", string.Join('\n', host.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()))), host.GetProperty("warnings").GetArrayLength() == 0);
    }

    /// <summary>g2 comes back while no agent runs: nothing of it passes, also what is permitted. Then the agent starts.</summary>
    private async Task RecreateWithoutAgentAsync(Scene scene, Guest[] all, ProbedService[] services, State state, CancellationToken cancellation)
    {
        var old = await scene.Toolstack.DomainOfAsync(scene.G2, cancellation);
        await scene.Agent.KillAsync(cancellation);
        await scene.Toolstack.DestroyAsync(scene.G2, cancellation);
        var now = await CreateAsync(scene, scene.G2, isEnforced: false, cancellation);
        Check($"g2 was domain {old} and is domain {now}; the agent was killed before", now != old);
        var meaning = GuestMatrix.MeaningOf(state);
        await TryAsync("without agent: g2 is closed", all, services, c => Concerns(c, scene.G2) ? Verdict.Drop : WithoutAnswer(meaning(c)), cancellation);
        await TimeAsync("the agent starts again and g2 is enforced", async () =>
        {
            await scene.Agent.StartAsync(cancellation);
            await UntilAsync(scene, h => IsBound(h, scene.G2, now), cancellation);
        });
        await TryAsync("with the agent again", all, services, meaning, cancellation);

        static bool Concerns(Connection c, Guest guest) => guest.Addresses.Contains(c.Source) || guest.Addresses.Contains(c.Destination);
        // Rejected packets are answered by the agent.
        static Verdict WithoutAnswer(Verdict verdict) => verdict == Verdict.Reject ? Verdict.Drop : verdict;
    }

    /// <summary>g2 takes another address, of either kind: nothing of it passes. Then its own again.</summary>
    private async Task PretendAsync(Scene scene, Guest[] all, ProbedService[] services, State state, CancellationToken cancellation)
    {
        Guest[] others = [scene.G2, scene.Stay];
        const string Addresses = "ip addr flush dev lan scope global; for a in {0}; do ip addr add $a dev lan; done";
        const string Mac = "ip link set lan down; ip link set lan address 00:16:3e:00:09:{0}; ip link set lan up";
        var own = Format(Mac, "02") + "; " + Format(Addresses, "10.9.0.2/24 fd00:9::2/64");
        (string What, string Commands)[] tricks =
        [
            ("another MAC address", Format(Mac, "77") + "; " + Format(Addresses, "10.9.0.2/24 fd00:9::2/64")),
            ("g1's MAC address and addresses", Format(Mac, "01") + "; " + Format(Addresses, "10.9.0.1/24 fd00:9::1/64")),
            ("its own MAC address, g1's addresses", Format(Mac, "02") + "; " + Format(Addresses, "10.9.0.1/24 fd00:9::1/64")),
        ];
        foreach (var (what, commands) in tricks)
        {
            await scene.G2.Port.RunAsync(commands, cancellation);
            await TryAsync($"g2 with {what}", others, services, _ => Verdict.Drop, cancellation);
        }

        await scene.G2.Port.RunAsync(own, cancellation);
        await TryAsync("g2 with its own again", all, services, GuestMatrix.MeaningOf(state), cancellation);

        static string Format(string text, string value) => text.Replace("{0}", value, StringComparison.Ordinal);
    }

    private async Task<Machine> StartAsync(MachineFiles files, Uri broker, CancellationToken cancellation)
    {
        if (!files.HasSnapshot)
        {
            files.ForgetSnapshot();
            await using (var fresh = await Machine.BootAsync(space, files, broker, cancellation))
            {
                Say("Xen, dom0 and the driver domain have booted");
                await fresh.SnapshotAsync(space, files, cancellation);
                files.KeepSnapshot();
            }

            Say($"snapshot: {Mebibytes(files.Snapshot)} MiB");
        }

        var machine = await Machine.ResumeAsync(space, files, broker, cancellation);
        Say("the machine runs from its snapshot");
        return machine;
    }

    /// <summary>Creates a guest, and waits until it takes commands, and until its port is bound if there is an agent.</summary>
    private async Task<int> CreateAsync(Scene scene, Guest guest, bool isEnforced, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        var domain = await scene.Toolstack.CreateAsync(guest, cancellation);
        var plugged = waited.Elapsed;
        if (isEnforced)
        {
            await UntilAsync(scene, h => IsBound(h, guest, domain), cancellation);
        }

        var bound = waited.Elapsed;
        await guest.Port.UpAsync(cancellation);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{guest.Name} is domain {domain}: xl create {plugged.TotalSeconds:0.0} s{(isEnforced ? $", enforced {(bound - plugged).TotalMilliseconds:0} ms later" : "")}, booted after {waited.Elapsed.TotalSeconds:0.0} s"));
        return domain;
    }

    private async Task ApplyAsync(Scene scene, string file, bool waits, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        var revision = await scene.Orchestrator.ApplyAsync(Path.Combine(Documents, file), "shown in a driver domain", cancellation);
        var stored = waited.ElapsedMilliseconds;
        if (waits)
        {
            await scene.Orchestrator.WaitForRolloutAsync(revision, cancellation);
        }

        Say($"osc apply -f {file}: revision {revision} after {stored} ms{(waits ? $", confirmed by the switch after {waited.ElapsedMilliseconds} ms" : "")}");
    }

    private async Task TryAsync(string title, Guest[] guests, ProbedService[] services, Func<Connection, Verdict> verdict, CancellationToken cancellation)
    {
        var cells = await GuestMatrix.TryAsync(guests, services, verdict, cancellation);
        Check($"{title}: {cells.Count} connections, {cells.Count(c => !c.Agrees)} disagree", cells.All(c => c.Agrees));
        output.Write(GuestMatrix.Print(cells));
    }

    private async Task TimeAsync(string what, Func<Task> work)
    {
        var waited = Stopwatch.StartNew();
        await work();
        Say($"{what}: {waited.ElapsedMilliseconds} ms");
    }

    private async Task UntilAsync(Scene scene, Func<JsonElement, bool> condition, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        JsonElement host;
        while (!condition(host = await HostAsync(scene, cancellation)))
        {
            if (waited.Elapsed > Patience)
            {
                throw new LabException($"the host is not as it should be after {Patience.TotalSeconds} s: {host}\nthe agent says:\n{await scene.Agent.LogAsync(cancellation)}");
            }

            await Task.Delay(PollEvery, cancellation);
        }
    }

    private static Task<JsonElement> HostAsync(Scene scene, CancellationToken cancellation) => scene.Orchestrator.GetAsync("api/v1/hosts/dd", cancellation);

    private static string? State(JsonElement host) => host.GetProperty("state").GetString();

    /// <summary>Whether the host has its flows, and the port of the guest's domain is the workload's.</summary>
    private static bool IsBound(JsonElement host, Guest guest, int domain) =>
        State(host) == "enforcing" && PortOf(host, guest) == string.Create(CultureInfo.InvariantCulture, $"vif{domain}.0");

    /// <summary>The port that is a guest's, as the agent last reported.</summary>
    private static string? PortOf(JsonElement host, Guest guest) => host.GetProperty("ports").EnumerateArray()
        .Where(p => p.GetProperty("interfaces").EnumerateArray().Any(i => i.GetString() == $"lab/{guest.Name}/lan"))
        .Select(p => p.GetProperty("name").GetString()).FirstOrDefault();

    private async Task SayMemoryAsync(Scene scene, string when, CancellationToken cancellation)
    {
        var (now, peak) = await scene.Agent.MemoryAsync(cancellation);
        Say(string.Create(CultureInfo.InvariantCulture, $"the agent's resident memory, {when}: {now:0.0} MiB, at most {peak:0.0} MiB"));
    }

    private static State Read(string policy)
    {
        var read = new[] { "inventory.yaml", $"{policy}.yaml" }.Select(f => DocumentReader.Read(File.ReadAllText(Path.Combine(Documents, f)), f)).ToArray();
        var result = StateValidator.Validate(default, DocumentSet.Of(read.SelectMany(r => r.Documents)));
        return result.State ?? throw new LabException(string.Join('\n', read.SelectMany(r => r.Errors).Concat(result.Errors)));
    }

    private void Check(string what, bool isRight)
    {
        agreed &= isRight;
        Say(isRight ? what : $"WRONG  {what}");
    }

    private void Say(string text) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,6:0.0} s  {text}"));

    private static string Line(string what, string text) => $"{what}: {string.Join("\n            ", text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))}";

    private static string Mebibytes(string file) =>
        (new FileInfo(new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file).Length / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture);

    private sealed record Scene(Machine Machine, Orchestrator Orchestrator, AgentInside Agent, Toolstack Toolstack, Guest G1, Guest G2, Guest Stay);
}
