using System.Xml.Linq;
using Xunit;

namespace Osc.Architecture.Tests;

public sealed class FloorPlanTests
{
    public static TheoryData<string> Projects => [.. FloorPlan.Rooms.Select(r => r.Project)];

    [Fact]
    public void Floor_plan_names_every_project_of_src() =>
        Assert.Equal(FloorPlan.Rooms.Select(r => r.Project).Order(StringComparer.Ordinal), Repository.Projects.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_file_references_only_what_the_floor_plan_names(string project)
    {
        var room = RoomOf(project);
        var file = XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj"));
        var unnamed = Included(file, "ProjectReference").Select(p => Path.GetFileNameWithoutExtension(p)).Except(room.Projects)
            .Concat(Included(file, "PackageReference").Except(room.Packages))
            .Concat(Included(file, "FrameworkReference").Where(_ => !room.AspNet))
            .Concat(Included(file, "Reference"));

        Assert.Empty(unnamed);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_references_only_what_the_floor_plan_names(string project)
    {
        var room = RoomOf(project);
        var references = Repository.Load(project).GetReferencedAssemblies().Select(a => a.Name ?? "").ToArray();

        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.True(IsNamed(room, name), $"{project} may not use {name}"));
    }

    [Fact]
    public void Floor_plan_lets_imports_go_down_only()
    {
        var floor = FloorPlan.Rooms.Select((room, index) => (room.Project, index)).ToDictionary(r => r.Project, r => r.index);

        Assert.All(FloorPlan.Rooms, room => Assert.All(room.Projects, import => Assert.True(floor[import] < floor[room.Project], $"{room.Project} imports {import}")));
    }

    private static Room RoomOf(string project) => FloorPlan.Rooms.Single(r => r.Project == project);

    private static IEnumerable<string> Included(XDocument file, string element) =>
        file.Descendants(element).Select(e => e.Attribute("Include")?.Value ?? throw new InvalidDataException($"a {element} without Include"));

    private static bool IsNamed(Room room, string assembly)
    {
        if (ProjectOf(assembly) is { } project)
        {
            return room.Projects.Contains(project);
        }

        var package = FloorPlan.AssembliesOfPackage.FirstOrDefault(p => p.Value.Any(a => assembly == a || assembly.StartsWith($"{a}.", StringComparison.Ordinal))).Key;
        return package is not null ? room.Packages.Contains(package)
            : assembly.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || assembly.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
            || assembly == "Microsoft.Net.Http.Headers" ? room.AspNet
            : assembly.StartsWith("System.", StringComparison.Ordinal) || assembly.StartsWith("Microsoft.Win32.", StringComparison.Ordinal) || assembly is "System" or "netstandard" or "mscorlib";
    }

    private static string? ProjectOf(string assembly) =>
        FloorPlan.Rooms.Select(r => r.Project).FirstOrDefault(p => Path.GetFileNameWithoutExtension(Repository.PathOfAssembly(p)) == assembly);
}
