using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using Xunit;

namespace Osc.Architecture.Tests;

/// <summary>The pure middle: no async, clock, chance, locks, threads, logger or static mutable state.</summary>
public sealed class PurityTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Members, by declaring type and name ("*" is all), that make an answer depend on more than the question.</summary>
    private static readonly (string Type, string Member)[] Impure =
    [
        ("System.DateTime", "get_Now"), ("System.DateTime", "get_UtcNow"), ("System.DateTime", "get_Today"),
        ("System.DateTimeOffset", "get_Now"), ("System.DateTimeOffset", "get_UtcNow"),
        ("System.TimeProvider", "get_System"), ("System.Environment", "get_TickCount"), ("System.Environment", "get_TickCount64"),
        ("System.Diagnostics.Stopwatch", "*"), ("System.Guid", "NewGuid"), ("System.Random", ".ctor"), ("System.Random", "get_Shared"), // A Random that the caller gives is part of the question.
        ("System.Threading.Monitor", "*"), ("System.Threading.Lock", "*"), ("System.Threading.Thread", "*"), ("System.Threading.Tasks.Task", "*"),
        ("System.Console", "*"),
    ];

    private static readonly Type[] MutableCollections = [typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>)];

    /// <summary>Static collections that only look mutable, each with the reason.</summary>
    private static readonly Dictionary<string, string> Settled = new()
    {
        ["Osc.Flows.Field.Declared"] = "the fields enter themselves while their type is initialised; nothing adds to it afterwards",
    };

    public static TheoryData<string> Pure => [.. FloorPlan.Pure];

    [Theory]
    [MemberData(nameof(Pure))]
    public void Pure_project_has_no_async_method(string project) => Assert.Empty(
        Types(project).SelectMany(t => t.GetMethods(All)).Where(IsAsync).Select(m => $"{m.DeclaringType}.{m.Name}"));

    [Theory]
    [MemberData(nameof(Pure))]
    public void Pure_project_has_no_static_mutable_state(string project)
    {
        var mutable = Types(project).SelectMany(t => t.GetFields(All)).Where(f => f.IsStatic && IsMutable(f)).Select(f => $"{f.DeclaringType}.{f.Name}");

        Assert.Empty(mutable.Except(Settled.Keys));
    }

    [Theory]
    [MemberData(nameof(Pure))]
    public void Pure_project_asks_no_clock_chance_or_lock(string project)
    {
        using var reader = new PEReader(File.OpenRead(Repository.PathOfAssembly(project)));
        var metadata = reader.GetMetadataReader();
        var members = metadata.MemberReferences.Select(h => NameOf(metadata, metadata.GetMemberReference(h))).ToArray();

        Assert.NotEmpty(members);
        Assert.DoesNotContain(members, m => Impure.Any(i => i.Type == m.Type && (i.Member == "*" || i.Member == m.Member)));
    }

    private static IEnumerable<Type> Types(string project) =>
        Repository.Load(project).GetTypes().Where(t => !t.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && t.DeclaringType?.IsDefined(typeof(CompilerGeneratedAttribute), false) != true);

    private static bool IsAsync(MethodInfo method) =>
        method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false) || method.IsDefined(typeof(AsyncIteratorStateMachineAttribute), inherit: false)
        || method.ReturnType.Namespace == "System.Threading.Tasks";

    private static bool IsMutable(FieldInfo field) =>
        !field.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            ? !field.IsLiteral && (!field.IsInitOnly || (field.FieldType.IsGenericType && MutableCollections.Contains(field.FieldType.GetGenericTypeDefinition())))
            : !field.IsInitOnly && field.Name.EndsWith("k__BackingField", StringComparison.Ordinal);

    private static (string Type, string Member) NameOf(MetadataReader metadata, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference)
        {
            return ("", metadata.GetString(member.Name));
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
        return ($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}", metadata.GetString(member.Name));
    }
}
