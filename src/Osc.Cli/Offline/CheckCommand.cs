using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;

namespace Osc.Cli.Offline;

/// <summary>osc check: are these documents sound?</summary>
internal static class CheckCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var path = Arguments.Documents("DIR");
        var output = Arguments.Output();
        var command = new Command("check", "Checks documents: syntax, fields, references, addresses. All errors at once, each with its place.") { path, output };
        command.SetAction(parsed => Run(shell, parsed.GetRequiredValue(path), parsed.GetValue(output)));
        return new(command,
        [
            "osc check policies/three-tier-shop",
            "osc check shop.yaml --output json",
        ]);
    }

    private static int Run(Shell shell, string path, OutputFormat format)
    {
        var loaded = LoadedState.Of(path);
        var notEnforced = loaded.State is { } state ? EnforcementCheck.Check(state.Documents, loaded.Read.Sources).Concat(AssertionCheck.Check(state, loaded.Read.Sources)).ToValueList() : [];
        if (format != OutputFormat.Table)
        {
            var answer = new Answer(loaded.State is not null, loaded.Read.Documents.Count, [.. loaded.Errors.Select(Error.Of)], [.. notEnforced.Select(Error.Of)], [.. Lints(loaded)]);
            shell.Print(format, AnswerJson.Of(answer), () => { });
            return loaded.State is null ? ExitCode.Refused : ExitCode.Done;
        }

        if (loaded.State is null)
        {
            return shell.Refuse(loaded.Errors);
        }

        foreach (var warning in notEnforced)
        {
            shell.Error.WriteLine($"warning: {warning}");
        }

        foreach (var lint in Lints(loaded))
        {
            shell.Line($"note: {lint}");
        }

        var table = new Table("kind", "documents");
        foreach (var kind in loaded.Read.Documents.GroupBy(d => d.Kind).OrderBy(g => g.Key))
        {
            table.Row(kind.Key.ToString(), kind.Count());
        }

        table.Print(shell);
        shell.Markup(notEnforced.Count == 0 ? "[green]ok[/]" : "[yellow]sound, but an apply would be refused[/]");
        return ExitCode.Done;
    }

    /// <summary>Rules that could be left out, and hops that are out of reach. A set with very many rules is not searched: that would take longer than a check may.</summary>
    private static IEnumerable<string> Lints(LoadedState loaded)
    {
        const int MaxRules = 20_000;
        return loaded.State is not { } state || state.Documents.OfType<PolicyDocument>().Sum(p => p.Rules.Count) > MaxRules
            ? []
            : RuleLints.Of(new PolicyMeaning(state)).Select(Describe).Concat(ChainLints.Of(state));
    }

    private static string Describe(RuleLint lint) => lint.Fault switch
    {
        RuleFault.NeverMatches => $"rule {lint.Rule} matches nothing as things stand",
        RuleFault.Shadowed => $"rule {lint.Rule} is shadowed by {string.Join(", ", lint.By)}",
        _ => $"rule {lint.Rule} is redundant: without it every connection has the same verdict",
    };

    private sealed record Answer(bool Valid, int Documents, IReadOnlyList<Error> Errors, IReadOnlyList<Error> NotEnforced, IReadOnlyList<string> Notes);

    private sealed record Error(string? File, int? Line, int? Column, string Document, string Path, string Message, string Allowed)
    {
        public static Error Of(DocumentError error) =>
            new(error.Position?.File, error.Position?.Line, error.Position?.Column, error.Document, error.Path, error.Message, error.Allowed);
    }
}
