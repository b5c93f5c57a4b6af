namespace Osc.Architecture.Tests;

/// <summary>What a project is allowed to import, besides .NET itself.</summary>
internal sealed record Room(string Project, string[] Projects, string[] Packages, bool AspNet = false);

/// <summary>The floor plan as data: who may import what. Imports go down only, and adapters never see each other.</summary>
internal static class FloorPlan
{
    /// <summary>Projects without async, clock, locks or static mutable state: what they say depends on their input alone.</summary>
    public static readonly string[] Pure = ["Osc.Model", "Osc.Flows", "Osc.Policy", "Osc.Audit"];

    public static readonly Room[] Rooms =
    [
        new("Osc.Model", [], []),
        new("Osc.Flows", ["Osc.Model"], []),
        new("Osc.Policy", ["Osc.Model", "Osc.Flows"], ["FluentValidation", "YamlDotNet"]),
        new("Osc.Audit", ["Osc.Model"], []),
        new("Osc.Store", ["Osc.Model", "Osc.Audit"], ["Dapper", "Microsoft.Data.Sqlite"]),
        new("Osc.Bus", ["Osc.Model", "Osc.Flows"], ["RabbitMQ.Client"]),
        new("Osc.Switch", ["Osc.Model", "Osc.Flows"], []),
        new("Osc.Xen", ["Osc.Model"], []),
        new(
            "Osc.Controller",
            ["Osc.Model", "Osc.Flows", "Osc.Policy", "Osc.Audit", "Osc.Store", "Osc.Bus"],
            ["DnsClient", "MassTransit", "MassTransit.RabbitMQ", "RabbitMQ.Client", "Microsoft.AspNetCore.OpenApi", "Microsoft.Extensions.Hosting.Systemd", "Microsoft.IdentityModel.Protocols.OpenIdConnect", "Scalar.AspNetCore"],
            AspNet: true),
        new("Osc.Agent", ["Osc.Model", "Osc.Flows", "Osc.Audit", "Osc.Bus", "Osc.Switch", "Osc.Xen"], []),
        new("Osc.Cli", ["Osc.Model", "Osc.Flows", "Osc.Policy", "Osc.Audit"], ["System.CommandLine", "Spectre.Console"]),
        new(
            "Osc.Standalone",
            ["Osc.Model", "Osc.Flows", "Osc.Policy", "Osc.Audit", "Osc.Store", "Osc.Bus", "Osc.Switch", "Osc.Xen", "Osc.Controller", "Osc.Agent"],
            ["Microsoft.AspNetCore.OpenApi"], // Its source generator runs here too: it comes along with the controller.
            AspNet: true),
    ];

    /// <summary>The assemblies of each package, by the beginning of their names.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> AssembliesOfPackage = new Dictionary<string, string[]>
    {
        ["FluentValidation"] = ["FluentValidation"],
        ["YamlDotNet"] = ["YamlDotNet"],
        ["Dapper"] = ["Dapper"],
        ["Microsoft.Data.Sqlite"] = ["Microsoft.Data.Sqlite", "SQLitePCLRaw"],
        ["DnsClient"] = ["DnsClient"],
        ["RabbitMQ.Client"] = ["RabbitMQ.Client"],
        ["MassTransit"] = ["MassTransit", "MassTransit.Abstractions"],
        ["MassTransit.RabbitMQ"] = ["MassTransit.RabbitMqTransport"],
        ["Microsoft.AspNetCore.OpenApi"] = ["Microsoft.AspNetCore.OpenApi", "Microsoft.OpenApi"],
        ["Microsoft.Extensions.Hosting.Systemd"] = ["Microsoft.Extensions.Hosting.Systemd"],
        ["Microsoft.IdentityModel.Protocols.OpenIdConnect"] = ["Microsoft.IdentityModel"],
        ["Scalar.AspNetCore"] = ["Scalar.AspNetCore"],
        ["System.CommandLine"] = ["System.CommandLine"],
        ["Spectre.Console"] = ["Spectre.Console"],
    };
}
