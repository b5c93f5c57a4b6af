using System.Runtime.InteropServices;
using Osc.DriverDomain;
using Osc.Lab;

// osc-driver-domain: shows Osc in a driver domain of a real Xen, in QEMU (docs/xen.md). Exit code 0: every packet did what the
// documents mean; 1: some did not, or the machine could not be built; 130: interrupted.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
try
{
    await using var space = await LabSpace.ClaimAsync("xen");
    Console.WriteLine(GuestMatrix.Legend);
    var agreed = await new Story(space, Console.Out).TellAsync(stop.Token);
    Console.WriteLine(agreed ? "Every packet did what the documents mean." : "Something was not as it should be: see WRONG above.");
    return agreed ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (LabException e)
{
    Console.Error.WriteLine($"xen: {e.Message}");
    return 1;
}
