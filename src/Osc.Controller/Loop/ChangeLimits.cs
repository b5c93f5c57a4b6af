using Osc.Controller.Configuration;
using Osc.Controller.Names;

namespace Osc.Controller.Loop;

/// <summary>What a change may not pass.</summary>
/// <param name="FlowsPerHost">How many flows a host may have.</param>
/// <param name="Names">How many DNS names groups may have in all.</param>
public sealed record ChangeLimits(int FlowsPerHost, int Names)
{
    public static readonly ChangeLimits Default = new(ControllerOptions.DefaultMaxFlowsPerHost, NameSettings.Default.MaxNames);
}
