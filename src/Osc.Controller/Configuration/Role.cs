namespace Osc.Controller.Configuration;

/// <summary>What a token may do; see <see cref="Access"/>.</summary>
public enum Role
{
    Admin,
    Editor,
    Viewer,
    Auditor,

    /// <summary>For agents; allows nothing on the REST API.</summary>
    Agent,
}

/// <summary>What an endpoint asks for. Every endpoint names one, or says that it is anonymous.</summary>
public enum Access
{
    /// <summary>Documents, hosts, rollouts, revisions, explain, plan, metrics.</summary>
    Read,

    /// <summary>Changes of documents.</summary>
    Write,

    /// <summary>The audit log.</summary>
    Audit,
}

/// <summary>Which role has which access: the whole of authorization, as a table.</summary>
public static class RoleAccess
{
    public static bool Allows(this Role role, Access access) => (role, access) switch
    {
        (Role.Admin, _) => true,
        (Role.Editor, Access.Read or Access.Write) => true,
        (Role.Viewer, Access.Read) => true,
        (Role.Auditor, Access.Read or Access.Audit) => true,
        _ => false,
    };
}
