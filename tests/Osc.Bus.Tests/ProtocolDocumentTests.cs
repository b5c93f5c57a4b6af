using System.Reflection;
using System.Text.Json;
using Xunit;

namespace Osc.Bus.Tests;

/// <summary>docs/bus-protocol.md names every member of every message.</summary>
public sealed class ProtocolDocumentTests
{
    public static TheoryData<Type> Messages() =>
    [
        typeof(Hello), typeof(AgentHealth), typeof(Fault), typeof(DatapathCounts), typeof(Ack), typeof(Refusal), typeof(RefusedFlow), typeof(PortReport), typeof(BridgePorts), typeof(Port), typeof(Inquiry),
        typeof(DeltaUpdate), typeof(BridgeChange), typeof(SnapshotChunk), typeof(BridgeFlowTexts), typeof(AgentMessage), typeof(ControllerMessage),
        typeof(DriftReport), typeof(DriftedFlow),
        typeof(TrafficReport), typeof(RuleHits), typeof(TableDrops), typeof(LoggedConnection), typeof(TrafficTaken), typeof(AuditCheckpoint), typeof(RenewalRequest), typeof(RenewedCertificate),
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void The_document_names_every_member(Type message)
    {
        var text = Document();
        Assert.All(
            message.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly),
            member => Assert.Contains($"`{JsonNamingPolicy.CamelCase.ConvertName(member.Name)}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_document_names_every_reason_and_the_queues()
    {
        var text = Document();
        Assert.All([.. Enum.GetNames<RefusalReason>(), .. Enum.GetNames<DriftCause>(), .. Enum.GetNames<DriftKind>()], reason => Assert.Contains($"`{JsonNamingPolicy.CamelCase.ConvertName(reason)}`", text, StringComparison.Ordinal));
        Assert.All(new[] { BusTopology.HostsExchange, BusTopology.AgentsExchange, BusTopology.ControllerQueue }, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    private static string Document()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Osc.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("no Osc.sln above the tests");
        }

        return File.ReadAllText(Path.Combine(directory.FullName, "docs", "bus-protocol.md"));
    }
}
