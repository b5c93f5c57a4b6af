using Osc.Lab;
using Osc.PackageTrial;

// osc-package-trial PACKAGE LATER: tries the agent's Debian package, and an upgrade to a later one (docs/agent.md). Exit code 0: no permitted
// packet was lost and no forbidden one passed; 1: some were, or the trial could not be built; 2: wrong usage.
if (args is not [var first, var second] || !File.Exists(first) || !File.Exists(second))
{
    Console.Error.WriteLine("usage: osc-package-trial PACKAGE LATER");
    return 2;
}

try
{
    var set = PolicySet.Read("three-tier-shop");
    await using var lab = await PolicyLab.BuildAsync("package", set.State);
    var isRight = await new Trial(lab, set, Console.Out).RunAsync((Path.GetFullPath(first), Path.GetFullPath(second)), CancellationToken.None);
    Console.WriteLine(isRight ? "Every step went without a lost packet." : "Something was not as it should be: see WRONG above.");
    return isRight ? 0 : 1;
}
catch (LabException e)
{
    Console.Error.WriteLine($"package trial: {e.Message}");
    return 1;
}
