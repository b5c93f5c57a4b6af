using System.Runtime.InteropServices;
using Osc.Demo;
using Osc.Lab;

// osc-demo [SET...]: shows policy sets on real switches, by default the first. With ONCE=1, or without a terminal, it ends by
// itself. Exit code 0: all packets did what the documents mean; 1: some did not, or the demo could not be built; 130: interrupted.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

var stays = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("ONCE") is not { Length: > 0 };
try
{
    var agreed = true;
    foreach (var name in args.Length > 0 ? args : [PolicySet.Names.First()])
    {
        agreed &= await new Story(PolicySet.Read(name), Console.Out).TellAsync((lab, orchestrator) => LingerAsync(lab, orchestrator, stays), stop.Token);
    }

    Console.WriteLine(agreed ? "Every packet did what the documents mean." : "Some packets did not do what the documents mean: see above.");
    return agreed ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (LabException e)
{
    Console.Error.WriteLine($"demo: {e.Message}");
    return 1;
}

async Task LingerAsync(PolicyLab lab, Orchestrator orchestrator, bool stay)
{
    if (!stay)
    {
        return;
    }

    var first = lab.Stations[0];
    Console.WriteLine($"""
        Everything stays up until Ctrl-C. To try, in another terminal:

          export OSC_SERVER={orchestrator.Server} OSC_TOKEN={orchestrator.Token}
          bin/osc hosts                                   # which host has which revision
          bin/osc get {first.Placed.Tenant}/workload                       # what is known
          bin/osc explain --from {first.Name} --to {lab.Stations[^1].Name} --service tcp/22
          bin/osc audit                                   # who changed what
          ip netns exec {first.Netns.Name} ping {lab.Stations[^1].Addresses.First()}    # as {first.Name}
          {orchestrator.Server}openapi/v1.json and {orchestrator.Server}docs

        """);
    var stopped = new TaskCompletionSource();
    using var registration = stop.Token.Register(stopped.SetResult);
    await stopped.Task;
}
