using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Xunit;

namespace Osc.Architecture.Tests;

public sealed partial class HouseRulesTests
{
    private const int MaxLines = 400;
    private const int MaxLongFiles = 5;

    /// <summary>Files that are longer than <see cref="MaxLines"/>, each with the reason why it is better whole.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    public static TheoryData<string> Projects => [.. FloorPlan.Rooms.Select(r => r.Project)];

    [Fact]
    public void Namespace_is_the_folder_of_its_file() => Assert.Empty(
        from file in Repository.Sources
        from Match declaration in NamespaceDeclaration().Matches(Repository.Read(file))
        let folder = string.Join('.', file.Split('/')[1..^1])
        where declaration.Groups[1].Value != folder
        select $"{file}: {declaration.Groups[1].Value}, not {folder}");

    [Fact]
    public void File_without_namespace_is_a_program_or_speaks_of_its_assembly() => Assert.Empty(
        from file in Repository.Sources
        let text = Repository.Read(file)
        where !NamespaceDeclaration().IsMatch(text) && Path.GetFileName(file) != "Program.cs" && !text.Contains("[assembly:", StringComparison.Ordinal)
        select file);

    [Fact]
    public void File_is_short_or_is_listed_with_a_reason()
    {
        var longFiles = Repository.Sources.Where(f => Repository.Read(f).Count(c => c == '\n') > MaxLines).ToArray();

        Assert.Equal(LongFiles.Keys.Order(StringComparer.Ordinal), longFiles);
        Assert.InRange(longFiles.Length, 0, MaxLongFiles);
    }

    [Fact]
    public void Nothing_is_called_after_a_heap_of_odds_and_ends() => Assert.Empty(
        from file in Repository.Sources
        let folders = file.Split('/').SelectMany(f => f.Split('.')).Where(f => HeapName().IsMatch(f))
        let types = TypeDeclaration().Matches(Repository.Read(file)).Select(m => m.Groups[1].Value).Where(t => HeapName().IsMatch(t))
        from name in folders.Concat(types)
        select $"{file}: {name}");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Class_is_sealed_or_abstract(string project) => Assert.Empty(
        Repository.Load(project).GetTypes()
            .Where(t => t.IsClass && !t.IsSealed && !t.IsAbstract && !t.Name.Contains('<') && t.Name != "Program")
            .Where(t => t.Namespace?.StartsWith("Osc", StringComparison.Ordinal) == true)
            .Select(t => t.FullName));

    /// <summary>Who reads it strictly would else ask for what the writer leaves out.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Json_member_that_may_be_left_out_has_a_default(string project) => Assert.Empty(
        from type in Repository.Load(project).GetTypes()
        from constructor in type.GetConstructors()
        from parameter in constructor.GetParameters()
        let property = parameter.Name is { } name ? type.GetProperty(name) : null
        where property?.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault }
        where !parameter.HasDefaultValue
        select $"{type}.{parameter.Name}");

    [Fact]
    public void No_test_is_skipped() => Assert.Empty(Find(SkippedTest()));

    [Fact]
    public void Nothing_is_left_undone() => Assert.Empty(Find(Unfinished()));

    [Fact]
    public void No_exception_is_swallowed() => Assert.Empty(Find(EmptyCatch()));

    [Fact]
    public void Nothing_names_a_place_outside_the_repository() => Assert.Empty(
        from file in Repository.Files
        where !file.EndsWith("packages.lock.json", StringComparison.Ordinal)
        let text = Repository.Read(file)
        where OutsidePath().IsMatch(text)
        select $"{file}: {OutsidePath().Match(text).Value}");

    private static IEnumerable<string> Find(Regex pattern) =>
        from file in Repository.Sources
        where Path.GetFileName(file) != "HouseRulesTests.cs"
        from Match match in pattern.Matches(Repository.Read(file))
        select $"{file}: {match.Value}";

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum) (\w+)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"(Helpers?|Utils?|Utilit(y|ies)|Common|Managers?|Misc)$")]
    private static partial Regex HeapName();

    [GeneratedRegex(@"\bSkip(When|Unless)?\s*=|\bAssert\.Skip")]
    private static partial Regex SkippedTest();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b|\bThread\.Sleep\b|#pragma warning disable")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"catch\s*(\([^)]*\)\s*)?\{\s*\}")]
    private static partial Regex EmptyCatch();

    /// <summary>A folder beside the repository, or a home or working directory of one particular machine.</summary>
    [GeneratedRegex(@"\.\./sh[a]red\b|(?<![\w.}])/(work|farm|home|root|Users)/\w")]
    private static partial Regex OutsidePath();
}
