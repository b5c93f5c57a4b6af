using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Engine;

/// <summary>How many flows a host has, of everything: policy, spoof guard, pipeline. Figures of their own that no machine moves.</summary>
internal static class FlowCounts
{
    public static int Run()
    {
        PrintHead();
        var falls = 0;
        falls += Print("small: 1,000 ports, 100 groups, 1,000 rules; 100 ports here", PortGroupScenario.Of(PortGroupWorkload.Small).Documents, PortGroupScenario.FirstHost, (3_000, "OVN 25,995"));
        falls += Print("medium: 10,000 ports, 500 groups, 5,000 rules; 100 ports here", PortGroupScenario.Of(PortGroupWorkload.Medium).Documents, PortGroupScenario.FirstHost, (11_000, "OVN 67,585"));
        falls += Print("one port, 99 literal ranges, one remote group of 100", OnePortScenario.Documents(), OnePortScenario.Host, (319, "Neutron 452 more"));
        foreach (var shape in FlowShape.All)
        {
            Print(shape.Name, shape.Documents, FlowShape.Host, null);
        }

        return falls;
    }

    /// <summary>The same of workloads that another program wrote: the flows of the host with the first 100 ports.</summary>
    /// <exception cref="FormatException">A file holds no such workload.</exception>
    public static int Run(IReadOnlyList<string> files)
    {
        PrintHead();
        foreach (var file in files)
        {
            Print(Path.GetFileName(file), PortGroupScenario.Of(PortGroupWorkload.Parse(File.ReadAllText(file))).Documents, PortGroupScenario.FirstHost, null);
        }

        return 0;
    }

    private static void PrintHead()
    {
        Console.WriteLine("Flows of a host, all counted");
        Console.WriteLine($"{"workload",-70} {"flows",9} {"no rules",9} {"target",9} {"peer",26} | {"sum",10} {"product",12}");
    }

    private static int Print(string name, DocumentSet documents, Name host, (int Flows, string Peer)? target)
    {
        var state = Sound.StateOf(documents);
        var flows = CountOf(state, host);
        var without = CountOf(Sound.StateOf(DocumentSet.Of(documents.Where(d => d.Kind != Kind.Policy))), host);
        var sizes = FlowSizes.Of(state, host);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-70} {flows,9:N0} {without,9:N0} {target?.Flows,9:N0} {target?.Peer,26} | {sizes.Sum,10:N0} {sizes.Product,12:N0}"));
        return flows > target?.Flows ? 1 : 0;
    }

    private static int CountOf(State state, Name host) => HostCompiler.Compile(state, host, HostNumbering.Empty).Flows.Bridges.Sum(b => b.Flows.Count);
}
