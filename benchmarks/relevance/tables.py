"""What class names and units mean, written by hand: no ontology is asked.

Names are as in the documents, without namespace (`documents.local`).
"""

from __future__ import annotations

MATERIALS: dict[str, frozenset[str]] = {
    code: frozenset(names.split())
    for code, names in {
        "LFP": "LithiumIronPhosphate LithiumIronPhosphateElectrode LithiumIonIronPhosphateBattery LiFePO4",
        "LMFP": "LithiumManganeseIronPhosphate LithiumManganeseIronPhosphateElectrode LithiumIonManganeseIronPhosphateBattery",
        "NMC": "LithiumNickelManganeseCobaltOxide LithiumNickelManganeseCobaltOxide111 LithiumNickelManganeseCobaltOxide622"
        " LithiumNickelManganeseCobaltOxide811 LithiumNickelManganeseCobalOxide LithiumNickelManganeseCobaltOxideElectrode"
        " LithiumIonNickelManganeseCobaltOxideBattery LithiumNickelCobaltManganeseOxide"
        " LiNi0.6Co0.2Mn0.2O2 LiNi0.6Mn0.2Co0.2O2 LiNi0.6Mn0.2Co0.2 LiNi0.8Mn0.1Co0.1O2",
        "NMC111": "LithiumNickelManganeseCobaltOxide111",
        "NMC622": "LithiumNickelManganeseCobaltOxide622 LiNi0.6Co0.2Mn0.2O2 LiNi0.6Mn0.2Co0.2O2 LiNi0.6Mn0.2Co0.2",
        "NMC811": "LithiumNickelManganeseCobaltOxide811 LiNi0.8Mn0.1Co0.1O2",
        "NCA": "LithiumNickelCobaltAluminiumOxide LithiumIonNickelCobaltAluminiumOxideBattery",
        "LCO": "LithiumCobaltOxide LithiumCobaltOxideElectrode LithiumIonCobaltOxideBattery LCO",
        "LNMO": "LithiumNickelManganeseOxide LithiumNickelManganeseOxideElectrode",
        "LTO": "LithiumTitanate LithiumTitanateElectrode LithiumIonTitanateBattery",
        "MnO2": "ManganeseDioxide ManganeseDioxideElectrode LithiumManganeseDioxideBattery",
        "graphite": "Graphite GraphiteElectrode LithiumIonGraphiteBattery",
        "silicon": "Silicon SiliconGraphiteElectrode",
        "lithium": "Lithium LithiumElectrode LithiumMetalBattery LithiumManganeseDioxideBattery",
        "zinc": "Zinc ZincElectrode",
        "oxygen": "OxygenElectrode",
        "thionyl chloride": "ThionylChlorideElectrode",
        "CFx": "CarbonMonofluorideElectrode",
    }.items()
}

MATERIALS |= {
    "Aluminium": frozenset({"Aluminium", "al foil"}),
    "Copper": frozenset({"Copper", "cu foil"}),
    "DiethylCarbonate": frozenset({"DiethylCarbonate", "dec"}),
    "Polyethylene": frozenset({"Polyethylene", "pe pp trilayer", "ceramic coated pe"}),
    "Polypropylene": frozenset({"Polypropylene", "pp membrane", "pe pp trilayer"}),
}
"""What means a material: classes of the substance, of an electrode of it, of a battery named after it; its formula; what parts of
it are called."""

MIXED: dict[str, frozenset[str]] = {
    "NMC": frozenset(
        {
            "LithiumNickelManganeseCobaltOxide and LithiumNickelCobaltAluminiumOxide",
            "LithiumNickelManganeseCobaltOxide / LithiumTitanate",
        }
    ),
    "NCA": frozenset({"LithiumNickelManganeseCobaltOxide and LithiumNickelCobaltAluminiumOxide", "LNCAO"}),
    "LCO": frozenset({"ambigious - LCO"}),
    "LTO": frozenset({"LithiumNickelManganeseCobaltOxide / LithiumTitanate"}),
    "graphite": frozenset({"SiliconGraphiteElectrode", "si gr anode batch si aq 1"}),
    "silicon": frozenset({"si gr anode batch si aq 1"}),
    "lithium": frozenset({"CR2032"}),
    "MnO2": frozenset({"CR2032"}),
}
"""Where the author was not sure or named two materials, or where only the trade knows what is in it: near, not exact."""

BUTTON_SIZES = ("LR41",)
"""Size codes of button cells of IEC 60086-2."""
ROUND_SIZES = ("18500", "18650", "20700", "21700", "26650", "26700", "32135", "32140", "32650", "32700", "66160")
"""Size codes of cylindrical cells."""

COBALT = ("NMC", "NCA", "LCO")
"""Materials with cobalt in them."""

CATHODES_BY_BATTERY: frozenset[str] = frozenset(
    {
        "LithiumIonIronPhosphateBattery",
        "LithiumIonManganeseIronPhosphateBattery",
        "LithiumIonNickelManganeseCobaltOxideBattery",
        "LithiumIonNickelCobaltAluminiumOxideBattery",
        "LithiumIonCobaltOxideBattery",
        "LithiumManganeseDioxideBattery",
    }
)
"""Kinds of battery that are named after the positive electrode."""
ANODES_BY_BATTERY: frozenset[str] = frozenset({"LithiumIonTitanateBattery", "LithiumIonGraphiteBattery", "LithiumMetalBattery"})
"""Kinds of battery that are named after the negative electrode."""

FORMATS: dict[str, frozenset[str]] = {
    "prismatic": frozenset({"PrismaticCase", "PrismaticBattery", "PairedTerminalPrismatic"}),
    "cylindrical": frozenset({"CylindricalBattery", "CylindricalCase", "INR18650MJ1", "R18650", "R21700", "R26650"}),
    "pouch": frozenset({"PouchCell", "PouchCase"}),
    "coin": frozenset({"CoinCell", "CoinCase", "CR2032", "R2032"}),
}

CELLS: frozenset[str] = frozenset(
    {"BatteryCell", "BatteryCellSpecification", "CoinCell", "CR2032", "ElectrochemicalCell", "INR18650MJ1", "PouchCell"}
)
"""Classes of a document's own node that make it the description of a cell."""

METHODS: dict[str, frozenset[str]] = {
    "eis": frozenset({"ElectrochemicalImpedanceSpectroscopy"}),
    "gitt": frozenset({"GalvanostaticIntermittentTitrationTechnique"}),
    "hppc": frozenset({"HPPC"}),
    "cycling": frozenset({"CyclingTest", "ConstantCurrentConstantVoltageCycling"}),
    "cccv": frozenset({"ConstantCurrentConstantVoltageCycling", "ConstantCurrentConstantVoltageCharging"}),
    "cv": frozenset({"CyclicVoltammetry"}),
    "formation": frozenset({"FormationCycling"}),
    "capacity_check": frozenset({"CapacityTest", "RatedCapacityTest"}),
    "rate_capability": frozenset({"CRateTest"}),
    "quasi_ocv": frozenset({"PseudoOpenCircuitVoltageMethod"}),
    "thermal_runaway": frozenset({"ThermalRunawayTest"}),
    "retention": frozenset({"CapacityRetentionAndRecoveryTest"}),
}
"""Classes of test methods; the key is also what documents write as ``schema:additionalType``."""

PROPERTIES: dict[str, tuple[str, ...]] = {
    "capacity": ("RatedCapacity", "NominalCapacity"),
    "rated_capacity": ("RatedCapacity",),
    "nominal_capacity": ("NominalCapacity",),
    "minimum_capacity": ("MinimumCapacity",),
    "any_capacity": ("RatedCapacity", "NominalCapacity", "MinimumCapacity", "Capacity"),
    "mass": ("Mass",),
    "nominal_voltage": ("NominalVoltage",),
    "lower_voltage": ("LowerVoltageLimit",),
    "upper_voltage": ("UpperVoltageLimit",),
    "charging_voltage": ("ChargingVoltage",),
    "voltage": ("Voltage",),
    "max_discharge": ("MaximumContinuousDischargingCurrent",),
    "max_charge": ("MaximumContinuousChargingCurrent",),
    "pulse_discharge": ("MaximumPulseDischargingCurrent",),
    "pulse_charge": ("MaximumPulseChargingCurrent",),
    "any_max_discharge": ("MaximumContinuousDischargingCurrent", "MaximumPulseDischargingCurrent"),
    "charging_current": ("ChargingCurrent",),
    "discharging_current": ("DischargingCurrent",),
    "resistance": ("InternalResistance",),
    "cycle_life": ("CycleLife",),
    "energy": ("NominalEnergy",),
    "specific_energy": ("SpecificEnergy",),
    "energy_density": ("EnergyDensity",),
    "specific_capacity": ("SpecificCapacity", "theoreticalSpecificCapacity"),
    "areal_capacity": ("AreicCapacity",),
    "diameter": ("Diameter",),
    "height": ("Height",),
    "width": ("Width",),
    "length": ("Length",),
    "thickness": ("Thickness",),
    "any_thickness": ("Thickness", "CalenderedCoatingThickness", "CoatingThickness", "DryCoatingThickness"),
    "coating_thickness": ("CalenderedCoatingThickness",),
    "porosity": ("Porosity",),
    "tortuosity": ("Tortuosity",),
    "concentration": ("AmountConcentration",),
    "mass_fraction": ("MassFraction",),
    "mass_loading": ("MassLoading", "ActiveMassLoading"),
    "particle_size": ("D50ParticleSize", "particleD50"),
    "conductivity": ("ElectrolyticConductivity",),
    "viscosity": ("DynamicViscosity",),
    "volume": ("Volume",),
    "density": ("Density",),
    "c_rate": ("CRate",),
    "min_charge_temperature": ("MinimumChargingTemperature",),
    "max_charge_temperature": ("MaximumChargingTemperature",),
    "min_discharge_temperature": ("MinimumDischargingTemperature",),
    "max_discharge_temperature": ("MaximumDischargingTemperature",),
    "min_storage_temperature": ("MinimumStorageTemperature",),
    "max_storage_temperature": ("MaximumStorageTemperature",),
    "temperature": ("CelsiusTemperature", "AmbientCelsiusTemperature"),
    "charging_time": ("Charging",),
    "molar_mass": ("MolarMass",),
    "scan_rate": ("PotentialScanRate",),
}
"""Classes of quantities by the word that predicates use."""

_UNITS: dict[str, str] = {
    # dimension, then "name factor" to its base unit (A·s, V, A, kg, m, ...)
    "charge": "AmpereHour 3600, MilliAmpereHour 3.6",
    "voltage": "Volt 1",
    "current": "Ampere 1, MilliAmpere 1e-3",
    "mass": "Kilogram 1, Gram 1e-3, MilliGram 1e-6, mg 1e-6",
    "length": "Metre 1, CentiMetre 1e-2, MilliMetre 1e-3, MilliM 1e-3, MicroMetre 1e-6, MicroM 1e-6, um 1e-6",
    "number": "EMMO_5ebd5e01_0ed3_49a2_a30d_cd05cbe72978 1, UnitOne 1, UNITLESS 1, 1 1, PERCENT 1e-2",
    "resistance": "Ohm 1, MilliOhm 1e-3, mOhm 1e-3, mohm 1e-3",
    "temperature": "EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc 1, CelsiusTemperature 1, DEG_C 1, DegreeCelsius 1, degC 1",
    "concentration": "MOL-PER-L 1000, MolePerLitre 1000",
    "density": "GramPerCubicCentiMetre 1000, GramPerCubicCentimetre 1000, GM-PER-CentiM3 1000, g/cm^3 1000",
    "conductivity": "MilliS-PER-CentiM 0.1, mS/cm 0.1",
    "viscosity": "MilliPA-SEC 1e-3, mPa*s 1e-3",
    "specific energy": "WattHourPerKilogram 3600",
    "energy density": "WattHourPerLitre 3.6e6",
    "energy": "Watthour 3600, WattHour 3600",
    "loading": "MilliGM-PER-CentiM2 1e-2, MilliGramPerSquareCentiMetre 1e-2, mg/cm^2 1e-2",
    "areal charge": "MilliAmpereHourPerSquareCentiMetre 36000, mAh/cm2 36000, CoulombPerSquareCentiMetre 1e4",
    "specific charge": "MilliA-HR-PER-GM 3600, MilliAmpereHourPerGram 3600, mAh/g 3600, CoulombPerKilogram 1",
    "rate": "AmperePerAmpereHour 1, C 1",
    "time": "Second 1, Minute 60, Hour 3600, Day 86400",
    "power": "Watt 1",
    "volume": "Litre 1e-3, MilliL 1e-6, MicroL 1e-9",
    "molar mass": "GramPerMole 1e-3, g/mol 1e-3",
    "scan rate": "MilliVoltPerSecond 1e-3",
}
UNITS: dict[str, tuple[float, str]] = {
    name: (float(factor), dimension)
    for dimension, listed in _UNITS.items()
    for name, factor in (one.split() for one in listed.split(", "))
}
"""Factor and dimension by the name of the unit as in the documents; temperatures are degrees Celsius throughout."""

SYMBOLS: dict[str, str] = {
    "Ah": "AmpereHour",
    "mAh": "MilliAmpereHour",
    "V": "Volt",
    "A": "Ampere",
    "mA": "MilliAmpere",
    "kg": "Kilogram",
    "g": "Gram",
    "mg": "MilliGram",
    "m": "Metre",
    "cm": "CentiMetre",
    "mm": "MilliMetre",
    "um": "MicroMetre",
    "Ohm": "Ohm",
    "mOhm": "MilliOhm",
    "degC": "DegreeCelsius",
    "cycles": "UnitOne",
    "percent": "PERCENT",
    "mol_L": "MOL-PER-L",
    "mS_cm": "MilliS-PER-CentiM",
    "mPas": "MilliPA-SEC",
    "uL": "MicroL",
    "g_cm3": "GramPerCubicCentiMetre",
    "Wh": "WattHour",
    "Wh_kg": "WattHourPerKilogram",
    "Wh_L": "WattHourPerLitre",
    "mg_cm2": "MilliGramPerSquareCentiMetre",
    "mAh_cm2": "MilliAmpereHourPerSquareCentiMetre",
    "mAh_g": "MilliAmpereHourPerGram",
    "C": "AmperePerAmpereHour",
    "minute": "Minute",
    "h": "Hour",
    "g_mol": "GramPerMole",
    "mV_s": "MilliVoltPerSecond",
}
"""Units as predicates write them."""
