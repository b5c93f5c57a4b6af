using System.Reflection;

namespace Osc.Agent;

/// <summary>The agent's version, as the build wrote it.</summary>
public static class AgentVersion
{
    public static readonly string Text =
        typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
